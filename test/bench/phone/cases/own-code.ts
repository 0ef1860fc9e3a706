/** What our own code costs, and how long its messages are. */
import { PhoneLine } from '../../../../actors/phone/phone-line.ts';
import { PictureSwitch } from '../../../../actors/phone/picture/picture-switch.ts';
import type { RemoteStream } from '../../../../actors/sink/contract.ts';
import { bindAnyPair } from '../../../../actors/sink/outlet.ts';
import { callerAt } from '../../../phone/callers.ts';
import { longestMessageBytes } from '../../../phone/longest-message.ts';
import { rtpPacket } from '../../../rtp/packets.ts';
import { median } from '../../median.ts';
import type { Outcome } from '../contract.ts';

const HOST = '127.0.0.1';
const VP8 = { payloadType: 96, codec: { name: 'VP8', clockRate: 90_000 }, fmtp: '' };
const CAMERA: RemoteStream = { peer: 'C', stream: 'camera', ssrc: 7, media: 'video', group: null, ...VP8 };
const MOST_US = 50;
const MOST_BYTES = 1300;
/** Packets of 1,200 B, so many at once that the socket's buffer is not the limit. */
const AT_ONCE = 50;
/** Such rounds. The first are left out: nothing is compiled yet. */
const WARM_UP = 100;
const MEASURED = 400;

/** The value: microseconds from a packet of the room to that packet sent to the phone, at the median. */
export async function packetCost(): Promise<Outcome> {
  const [rtp, rtcp] = await bindAnyPair(HOST);
  const [theirs, theirRtcp] = await bindAnyPair(HOST);
  const now = () => performance.now();
  const unheard = { onRtp: () => undefined, onKeyFrameWanted: () => undefined, onReport: () => undefined };
  const line = new PhoneLine({ ...{ rtp, rtcp, cname: 'D', now, onLost: () => undefined }, ...unheard });
  const to = { host: HOST, port: theirs.address().port, rtcpPort: theirRtcp.address().port };
  line.follow(
    { kind: 'video', format: VP8, heardAs: [96], to, isSentTo: true, sends: true, keyFrameBy: 'pli' },
    callerAt(HOST),
  );
  const picture = new PictureSwitch(line.ssrc, VP8.payloadType, {
    send: (packet) => line.send(packet),
    ...{ requestKeyFrame: () => true, onShown: () => undefined },
  });
  picture.aim(CAMERA, now());
  // A key frame of VP8 begins so.
  const payload = new Uint8Array(1188);
  payload[0] = 0x10;
  const times: number[] = [];
  let sequence = 0;
  for (let round = 0; round < WARM_UP + MEASURED; round++) {
    const packets = Array.from({ length: AT_ONCE }, () => {
      sequence = (sequence + 1) & 0xffff;
      return rtpPacket({ ssrc: CAMERA.ssrc, sequence, payloadType: 96, marker: true, payload });
    });
    const sinceMs = now();
    for (const packet of packets) picture.deliver(packet, now());
    // Sockets send after the code that asks them to.
    await new Promise((resolve) => setImmediate(resolve));
    if (round >= WARM_UP) times.push((1000 * (now() - sinceMs)) / AT_ONCE);
  }
  line.close();
  theirs.close();
  theirRtcp.close();
  const value = Number(median(times).toFixed(1));
  return { held: value <= MOST_US, value };
}

/** The value: bytes of the longest message of ours in a call of either way, with all formats offered. */
export async function messageBytes(): Promise<Outcome> {
  const value = await longestMessageBytes();
  return { held: value <= MOST_BYTES, value };
}
