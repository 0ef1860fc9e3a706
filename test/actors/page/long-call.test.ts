/**
 * An hour of a call in virtual time, in which all that changes does so each minute: tabs are loaded anew, people come and go, slots
 * show one after the other. A minute of media is six seconds here, which leaves what is kept of packets full. At its end nothing is
 * larger than in its middle.
 */
import test from 'ava';
import type { RemoteStream } from '../../../actors/sink/contract.ts';
import { writeReport } from '../../../infra/rtcp/reception-report.ts';
import { rtpPacket } from '../../rtp/packets.ts';
import { heldBytes } from '../held-bytes.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { type Late, Person, Viewer } from './lips.ts';

const MINUTE_MS = 6000;
const WARM_UP = 30;
const MINUTES = 60;
/** Others who look in each minute. */
const CROWD = 50;
/** The engine's own books move by half of this. Less than four bytes for each packet, and seventy for each person who was there. */
const MOST_BYTES = 100_000;
const LATE: Late = { camera: { toGateway: 45, toViewer: 60 }, voice: { toGateway: 25, toViewer: 40 } };

/** A crowd comes, each is shown and tells its time, and goes. */
function lookIn({ sink }: Viewer, minute: number): void {
  const streams = Array.from({ length: CROWD }, (_, index): RemoteStream => {
    const ssrc = 1_000_000 + CROWD * minute + index;
    const codec = { name: 'VP8', clockRate: 90_000 };
    return {
      ...{ peer: `p${ssrc}`, stream: 'camera', ssrc, codec, payloadType: 96, fmtp: '', group: null },
      media: 'video',
    };
  });
  sink.setStreams(streams);
  for (const { ssrc, peer } of streams) {
    sink.show([{ mid: '4', peer, stream: 'camera' }]);
    sink.deliver(rtpPacket({ ssrc, sequence: 1, payload: Uint8Array.from([0x10, ...new Array<number>(19).fill(0)]) }));
    sink.report(writeReport(ssrc, { unixMs: 0, rtpTimestamp: 0, packets: 1, bytes: 1 }, []));
  }
}

test('in an hour nothing grows of what a page has at its peer', (t) => {
  const clock = new VirtualClock(1000);
  const viewer = new Viewer(clock);
  const person = (peer: string, first: number) =>
    new Person({ clock, late: LATE, unixOffsetMs: first, peer, ssrcs: { camera: first, voice: first + 1 }, viewer });
  const ada = person('A', 1);
  const minute = (number: number) => {
    const guest = person(`guest-${number}`, 1000 + 2 * number);
    viewer.sink.setStreams([...ada.streams, ...guest.streams]);
    ada.load(`page ${number}`, 1000 * number);
    guest.load(`guest ${number}`, 0);
    viewer.show('A');
    clock.advance(MINUTE_MS / 2);
    viewer.load();
    viewer.show(`guest-${number}`);
    clock.advance(MINUTE_MS / 2);
    guest.leave();
    lookIn(viewer, number);
  };
  for (let number = 0; number < WARM_UP; number++) minute(number);
  const before = heldBytes();
  for (let number = WARM_UP; number < MINUTES; number++) minute(number);
  const grown = heldBytes() - before;
  t.log(`${grown} bytes`);
  t.true(grown < MOST_BYTES);
});
