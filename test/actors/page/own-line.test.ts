/** What a page is told of the own uplink. */
import test from 'ava';
import { QuietStreams } from '../../../actors/page/quiet-streams.ts';
import { roomState } from '../../../actors/page/room-state.ts';
import type { DownlinkStatus, MeasuredStatus } from '../../../actors/status/snapshot.ts';
import { soloView } from '../../../machines/view.ts';
import { member } from '../../machines/members.ts';

function told(measured: MeasuredStatus | null, downlink: DownlinkStatus | null = null) {
  const { self } = roomState({
    status: {
      ...{
        id: 'A',
        name: 'Ada',
        room: 'main',
        state: 'joined',
        busConnected: true,
        packetPath: 'dgram',
        measured,
        downlink,
      },
      ...{
        uploadBps: 1e7,
        usableBps: 1e7,
        sendBps: 0,
        lendBps: 0,
        promisedBps: 0,
        streams: [],
        members: [],
        lines: [],
      },
      ...{ drops: {}, plain: [], trust: { isOpen: true, unsigned: [], refused: [], forgeries: [] } },
    },
    ...{ view: soloView(member('A')), paths: new Map(), tracks: { shown: [], isMuted: () => false } },
    ...{ slots: [], formats: [], invite: '', quiet: new QuietStreams(), nowMs: 0, unixMs: 0 },
  });
  return self;
}

const lineTold = (measured: MeasuredStatus | null) => told(measured).line;

test('a line that is believed is not told as measured', (t) => {
  t.is(lineTold(null), null);
});

test('a measured line is told to two digits, so that it is not told anew with each report', (t) => {
  const measured = { pastBps: [], limitedBy: 'line', overratedBps: 20e6 } as const;
  t.deepEqual(lineTold({ ...measured, lineBps: 4_941_234 }), { bps: 4_900_000, limit: 'line', overratedBps: 20e6 });
  t.deepEqual(lineTold({ ...measured, lineBps: 4_949_999 }), { bps: 4_900_000, limit: 'line', overratedBps: 20e6 });
});

test('before it is known it is told as that', (t) => {
  const unknown = { lineBps: null, pastBps: [], limitedBy: 'unmeasured', overratedBps: null } as const;
  t.deepEqual(lineTold(unknown), { bps: null, limit: 'unmeasured', overratedBps: null });
});

test('a downlink that is full is told to two digits, and no other', (t) => {
  t.is(told(null).downlinkBps, null);
  t.is(told(null, { lineBps: 1_944_000, askedBps: 1_847_000 }).downlinkBps, 1_900_000);
});
