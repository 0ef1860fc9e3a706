/** What a page is told of a member's media: whether it is sealed, who hears it in the clear, and who has forged packets of it. */
import test from 'ava';
import type { MemberState } from '../../../actors/page/messages.ts';
import { QuietStreams } from '../../../actors/page/quiet-streams.ts';
import { roomState } from '../../../actors/page/room-state.ts';
import type { CallStatus, MemberStatus } from '../../../actors/status/snapshot.ts';
import { type Member, soloView, withMember } from '../../../machines/view.ts';
import { member } from '../../machines/members.ts';

const RATES = { uploadBps: 1e7, usableBps: 1e7, sendBps: 0, lendBps: 0, promisedBps: 0 };
const B: MemberStatus = {
  ...{ id: 'B', name: 'Bo', state: 'silent', compatible: true, way: null, to: [], from: [] },
  ...{ inBps: 0, outBps: 0, loss: null, reports: [], playerReports: [], lentBps: 0 },
};

/** Of a member B, to one that has a key. */
function told(b: Partial<Member>, status: Partial<Pick<CallStatus, 'plain' | 'trust'>> = {}): MemberState | undefined {
  const { members } = roomState({
    status: {
      ...{ id: 'A', name: 'Ada', room: 'main', state: 'joined', busConnected: true, packetPath: 'dgram', ...RATES },
      ...{ measured: null, downlink: null, drops: {}, streams: [], members: [B], lines: [] },
      ...{ plain: [], trust: { isOpen: true, unsigned: [], refused: [], forgeries: [] }, ...status },
    },
    view: withMember(soloView(member('A', { key: 'a' })), member('B', b)),
    ...{ paths: new Map(), tracks: { shown: [], isMuted: () => false } },
    ...{ slots: [], formats: [], invite: '', quiet: new QuietStreams(), nowMs: 0, unixMs: 0 },
  });
  return members[0];
}

test('media of a member that has a key is sealed, and of one that has none, or speaks no RPR, is not', (t) => {
  t.is(told({ key: 'b' })?.sealed, true);
  t.is(told({ key: null })?.sealed, false);
  t.is(told({ key: 'b', compatible: false })?.sealed, false);
});

test('who hears a member in the clear is named, and who may not is not', (t) => {
  const plain = [
    { id: 'P', hears: ['B'], refusedBy: [] },
    { id: 'Q', hears: ['A'], refusedBy: ['B'] },
  ];
  t.deepEqual(told({ key: 'b' }, { plain })?.heardBy, ['P']);
});

test('who has brought packets that a member has not sent is named with that member alone, and no more of them than a page takes', (t) => {
  const forgeries = [
    { owner: 'C', via: 'X', packets: 1 },
    ...Array.from({ length: 20 }, (_, each) => ({ owner: 'B', via: `R${each}`, packets: 1 })),
  ];
  const trust = { isOpen: true, unsigned: [], refused: [], forgeries };
  t.deepEqual(told({ key: 'b' }, { trust })?.forgedBy, ['R0', 'R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7']);
});
