/** What the table is told of a call: of each member all its streams together, and each stream's ways. */
import test from 'ava';
import { CallStatusReader, type ObservedParticipant } from '../../actors/call/call-status.ts';
import type { CallWatch } from '../../actors/delivery/call-watch.ts';
import type { AddressedTable } from '../../actors/media/addressed-table.ts';
import { NOTHING_REJECTED, type Source } from '../../actors/source/contract.ts';
import type { PairStatus } from '../../machines/pairs/pairing.ts';
import type { View } from '../../machines/view.ts';
import { memberOf, RecordedMeter, streamOf, viewOf } from './observed-call.ts';
import { addressedAt } from './transport-members.ts';

const AT_B = { host: '10.0.0.2', port: 5000 };
const AT = { host: '10.0.0.1', port: 5000 };
const TABLE: AddressedTable = {
  own: [
    {
      stream: 'camera',
      ssrc: 1,
      media: 'video',
      codec: 'VP8/90000',
      rateBps: 0,
      holders: [],
      hops: [{ peer: 'B', to: AT, slices: 0x00ff }],
    },
    {
      stream: 'voice',
      ssrc: 2,
      media: 'audio',
      codec: 'opus/48000/2',
      rateBps: 0,
      holders: [],
      hops: [{ peer: 'B', to: AT, slices: 0xffff }],
    },
  ],
  relayed: [
    {
      ...{ client: 'C', stream: 'camera', ssrc: 11, media: 'video', upstream: AT, from: [AT] },
      ...{ legs: [{ receiver: 'B', slices: 0xffff, address: AT }], promisedBps: 2_000_000, limitBps: 2_000_000 },
    },
  ],
  members: [addressedAt('B', AT_B), addressedAt('C', AT)],
  ...{ relays: [], plain: 'local' as const, resendLimitBps: 0, paceBps: 0 },
};

/** What B says of our streams. */
const OF_B = [
  { stream: 'camera', loss: 0.25, packetsLost: 3, jitterMs: 1, roundTripMs: 40 },
  { stream: 'voice', loss: 0, packetsLost: 0, jitterMs: 1, roundTripMs: null },
];
/** B is reached, C is not. */
const STATUS = new Map<string, PairStatus>([
  ['B', { state: 'open', to: { host: '192.168.1.2', port: 5000 }, kind: 'host', rttMs: 0.4, cut: null }],
  ['C', { state: 'cut', to: null, kind: null, rttMs: null, cut: 'nat' }],
]);
/** And what a player here says of B's. */
const PLAYED = [{ stream: 'camera', loss: 0.125, packetsLost: 7, jitterMs: 2.5 }];
type Reaching = Pick<CallWatch, 'reachOf' | 'reaches' | 'hasStopped'>;

/** A room of A, which is watched, B and C; each source sends so many bit/s. */
function watch(changes: Partial<ObservedParticipant> = {}, reach: Partial<Reaching> = {}) {
  const recorded = new RecordedMeter();
  const sent = { camera: 0, voice: 0 };
  /** What has left for each address. */
  const left: Record<string, number> = {};
  const sentTo = ({ host }: { readonly host: string }) => left[host] ?? 0;
  const sourceOf = (name: 'camera' | 'voice'): Source => ({
    rateBps: null,
    setRate: () => undefined,
    requestKeyFrame: () => 'needless',
    counters: () => ({ packets: 0, bytes: 0, reports: 0, rejected: NOTHING_REJECTED, otherPayloads: new Map() }),
    measuredBps: () => sent[name],
    close: () => Promise.resolve(),
  });
  const self = memberOf('A', ['camera', 'voice']);
  const participant: ObservedParticipant = {
    ...{
      state: 'joined',
      profile: self,
      ...{ upload: { nowBps: 123 }, uplink: null, downlink: null, own: { choice: { uploadBps: null } } },
      transport: {
        ...{ table: TABLE, path: { kind: 'dgram', sentTo }, reach: { statusOf: (peer) => STATUS.get(peer) } },
        receivers: {
          receiverReportsOf: (peer) => (peer === 'B' ? OF_B : []),
          playerReportsOf: (peer) => (peer === 'B' ? PLAYED : []),
        },
      },
    },
    view: viewOf(self, memberOf('B', ['camera', 'voice']), memberOf('C', ['camera'], { leaving: true })),
    negotiation: {
      ...{ busAway: true, silent: new Set(['B']), rates: new Map([['camera', 800_000]]) },
      inForce: new Map([
        [
          'camera',
          new Map([
            [
              'B',
              new Map([
                [null, 0x00ff],
                ['C', 0xff00],
              ]),
            ],
          ]),
        ],
      ]),
      relaying: {
        agreements: new Map(),
        draining: new Map(),
        ledger: {
          ...{ usableBps: 0, lendBps: 0, ownWantedBps: 0, ownInUseBps: 0 },
          promised: new Map([
            ['C', 2_000_000],
            ['D', 500_000],
          ]),
        },
      },
    },
    ...changes,
  };
  const reader = new CallStatusReader({
    ...{ options: { id: 'A', room: 'hall' }, participant, meter: recorded.meter },
    trust: () => ({ isOpen: true, unsigned: [], refused: [], forgeries: [] }),
    watch: { reachOf: () => 'live', reaches: () => true, hasStopped: () => false, drops: {}, ...reach },
    sources: new Map([
      ['camera', sourceOf('camera')],
      ['voice', sourceOf('voice')],
    ]),
  });
  return { reader, recorded, sent, left };
}

test('a member is live, silent or leaving; what goes to it and comes from it is told by stream', (t) => {
  const { reader, recorded, sent } = watch();
  sent.camera = 1;
  recorded.record('B', 'camera', 'B', 0, 1, 2);
  recorded.record('B', 'camera', 'C', 3);
  recorded.record('B', 'voice', 'B', 0);
  const { members, busConnected, promisedBps, sendBps } = reader.read(1000, []);
  t.deepEqual(
    members.map(({ id, state, to, from }) => ({
      ...{ id, state, to },
      from: from.map(({ stream, ways }) => ({ stream, ways })),
    })),
    [
      {
        id: 'B',
        state: 'silent',
        to: [
          {
            stream: 'camera',
            ways: [
              { relay: null, slices: 8 },
              { relay: 'C', slices: 8 },
            ],
          },
        ],
        from: [
          {
            stream: 'camera',
            ways: [
              { relay: null, slices: 12 },
              { relay: 'C', slices: 4 },
            ],
          },
          { stream: 'voice', ways: [{ relay: null, slices: 16 }] },
        ],
      },
      {
        id: 'C',
        state: 'leaving',
        to: [{ stream: 'camera', ways: [] }],
        from: [{ stream: 'camera', ways: [] }],
      },
    ],
  );
  t.deepEqual({ busConnected, promisedBps, sendBps }, { busConnected: false, promisedBps: 2_500_000, sendBps: 123 });
});

test('rates and loss are those of the last second, over all streams of a member', (t) => {
  const { reader, recorded, sent, left } = watch();
  recorded.record('B', 'camera', 'B', 0);
  recorded.record('B', 'voice', 'B', 0);
  recorded.record('C', 'camera', 'C', 0);
  left['10.0.0.2'] = 1_000_000;
  reader.read(1000, []);
  recorded.record('B', 'camera', 'B', 1, 2, 3, 6);
  recorded.record('B', 'voice', 'B', 1, 2);
  recorded.record('C', 'camera', 'C', 1, 2, 3, 4);
  left['10.0.0.2'] = 1_050_000;
  sent.camera = 1_000_000;
  sent.voice = 32_000;
  const { members, streams } = reader.read(2000, []);
  const [b, c] = members;
  t.is(b?.inBps, 6000);
  t.is(b?.loss, 2 / 8);
  t.is(b?.outBps, 400_000);
  t.is(b?.lentBps, 0);
  t.like(c, { inBps: 4000, outBps: 0, loss: 0, lentBps: 2_000_000 });
  t.deepEqual(streams, [
    { stream: 'camera', sendsBps: 1_000_000, shouldBps: 800_000, stopped: false },
    { stream: 'voice', sendsBps: 32_000, shouldBps: 0, stopped: false },
  ]);
});

test('what a member says of our streams is shown, stream by stream', (t) => {
  const [b, c] = watch().reader.read(1000, []).members;
  t.deepEqual(b?.reports, OF_B);
  t.deepEqual(b?.playerReports, PLAYED);
  t.deepEqual(c?.reports, []);
});

test('of each stream the rate of the last second is told, and what was lost of it in the last five', (t) => {
  const { reader, recorded } = watch();
  const at = (second: number) => {
    const [camera, voice] = reader.read(1000 * second, []).members[0]?.from ?? [];
    return [camera?.inBps, camera?.loss, voice?.inBps, voice?.loss];
  };
  recorded.record('B', 'camera', 'B', 0);
  recorded.record('B', 'voice', 'B', 0);
  t.deepEqual(at(1), [0, null, 0, null]);
  recorded.record('B', 'camera', 'B', 1, 4);
  recorded.record('B', 'voice', 'B', 1);
  t.deepEqual(at(2), [2000, 2 / 4, 1000, 0]);
  for (const second of [3, 4, 5, 6]) {
    recorded.record('B', 'camera', 'B', 3 * second - 4, 3 * second - 3);
    t.deepEqual(at(second).slice(2), [0, 0]);
  }
  t.deepEqual(at(6.5), [2000, 5 / 15, 0, 0], 'in between those before are shown');
  recorded.record('B', 'camera', 'B', 16);
  t.deepEqual(at(7), [1000, 3 / 12, 0, null]);
});

test('pictures that stand still are told of, those that nobody sends and sounds are not', (t) => {
  const routes = [{ stream: 'camera', relay: null, slices: 0xffff, receivers: ['A'] }];
  const still = (view: View) => {
    const { reader, recorded } = watch({ view });
    for (const [index, atMs] of [0, 40, 80, 480, 520].entries()) {
      recorded.nowMs = atMs;
      for (const name of ['camera', 'voice']) recorded.frame('B', name, 90 * atMs, index);
    }
    recorded.nowMs = 1520;
    return reader.read(1000, []).members[0]?.from.map(({ freezes, frozenMs, stillMs }) => [freezes, frozenMs, stillMs]);
  };
  const self = memberOf('A', []);
  const B = memberOf('B', ['camera']);
  const voice = { ...streamOf('voice'), media: 'audio' as const };
  t.deepEqual(still(viewOf(self, { ...B, streams: [...B.streams, voice], routes })), [
    [1, 400, 1000],
    [0, 0, 0],
  ]);
  t.deepEqual(still(viewOf(self, B)), [[1, 400, 0]]);
});

test('a member that comes back starts with clean counts', (t) => {
  const { reader, recorded } = watch();
  recorded.record('B', 'camera', 'B', 0, 1, 2, 3);
  reader.read(1000, []);
  recorded.meter.forget('B');
  recorded.record('B', 'camera', 'B', 60_000);
  t.like(reader.read(2000, []).members[0], { inBps: 0, loss: null });
  recorded.record('B', 'camera', 'B', 60_001, 60_003);
  t.like(reader.read(3000, []).members[0], { inBps: 2000, loss: 1 / 3 });
});

test('a stream that comes no more has no way, and one that never came no loss', (t) => {
  const { reader, recorded } = watch();
  recorded.record('B', 'camera', 'B', 0);
  reader.read(1000, []);
  const { members } = reader.read(2000, []);
  t.like(members[0]?.from[0], { stream: 'camera', ways: [], inBps: 0, loss: null });
  t.is(members[1]?.loss, null);
});

test('what packets say of a member is shown, and no way for what does not arrive there', (t) => {
  const { reader } = watch(
    { negotiation: undefined },
    { reachOf: ({ id }) => (id === 'B' ? 'unreached' : 'live'), hasStopped: (stream) => stream === 'voice' },
  );
  const { members, streams } = reader.read(1000, []);
  t.is(members[0]?.state, 'unreached');
  t.true(streams.find(({ stream }) => stream === 'voice')?.stopped);
  const lost = watch({}, { reaches: () => false });
  lost.sent.camera = 1;
  t.deepEqual(lost.reader.read(1000, []).members[0]?.to, [{ stream: 'camera', ways: [] }]);
});

test('a stream that sends nothing goes no way', (t) => {
  const { reader, sent } = watch();
  const ways = (nowMs: number) => reader.read(nowMs, []).members[0]?.to[0]?.ways.length;
  t.is(ways(1000), 0);
  sent.camera = 1000;
  t.is(ways(2000), 2);
  sent.camera = 0;
  t.is(ways(3000), 0);
});

test('before it has joined, a peer shows itself and nobody', (t) => {
  const { reader } = watch({ view: undefined, negotiation: undefined, state: 'waiting' });
  t.like(reader.read(1000, ['a line']), {
    ...{ id: 'A', room: 'hall', state: 'waiting', busConnected: true, uploadBps: 1e7, members: [], lines: ['a line'] },
  });
});

test('of each member it is told how its pair talks, and who carries where it is cut', (t) => {
  const { reader, recorded } = watch();
  const wayOf = (id: string) => reader.read(1000, []).members.find((member) => member.id === id)?.way;
  t.deepEqual(wayOf('B'), { kind: 'lan', rttMs: 0.4 });
  t.deepEqual(wayOf('C'), { kind: 'none', reason: 'nat' });
  recorded.record('C', 'camera', 'B', 0, 1, 2);
  t.deepEqual(wayOf('C'), { kind: 'via', relays: ['B'], reason: 'nat' });
});
