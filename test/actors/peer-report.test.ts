/** What a peer tells its controller: by stream, and of the first stream as ever. */
import test from 'ava';
import { NEWS, type PeerReport } from '../../actors/call/control.ts';
import { type ReportingParticipant, reportOf } from '../../actors/call/peer-report.ts';
import type { UplinkState } from '../../machines/uplink/contract.ts';
import { memberOf, RecordedMeter, viewOf } from './observed-call.ts';

const REPAIRS = { asked: 5, recovered: 4, lost: 1, late: 0, answered: 3, escalated: 2, refused: 6, spared: 0 };

type Question = Parameters<typeof reportOf>[0];

/** The report of A on B, which shows camera and voice. */
function ask(
  question: Partial<Question> = {},
  recorded = new RecordedMeter(),
  changes: Partial<ReportingParticipant> = {},
) {
  const self = memberOf('A', ['camera', 'voice']);
  const participant: ReportingParticipant = {
    ...{ profile: self, view: viewOf(self, memberOf('B', ['camera', 'voice'])), saturatedAt: null },
    ...{
      upload: { peakBps: 7 },
      uplink: null,
      bus: { counters: () => ({ sent: {}, received: { beat: 3 }, dropped: {} }) },
    },
    transport: {
      reach: { statusOf: () => ({ state: 'cut', to: null, kind: null, rttMs: null, cut: 'nat' }) },
      path: { sentSequence: (ssrc) => (ssrc === 1 ? 500 : undefined) },
      receivers: {
        receiverReportsOf: (peer) => (peer === 'B' ? [OF_B] : []),
        playerReportsOf: (peer) => (peer === 'B' ? [PLAYED] : []),
        implausibleOf: () => 2,
      },
      keyFrames: { counters: () => ASKED },
      repairs: REPAIRS,
    },
    negotiation: {
      rates: new Map([
        ['camera', 800_000],
        ['voice', 32_000],
      ]),
      inForce: new Map([
        [
          'camera',
          new Map([
            ['B', new Map([['C', 0x00ff]])],
            ['D', new Map([['C', 0x00ff]])],
            ['E', new Map([['C', 0xffff]])],
          ]),
        ],
        ['voice', new Map([['B', new Map([['C', 0xffff]])]])],
      ]),
      asked: new Map([['C', { id: 'A.1', terms: [], granted: [], revision: 0 }]]),
      relaying: { ...RELAYING, agreements: new Map([['F', OF_F]]) },
    },
    ...changes,
  };
  const report = reportOf(
    { request: 4, windows: [], gapsSince: null, ...question },
    participant,
    { meter: recorded.meter, drops: DROPS },
    9000,
  );
  return NEWS['control.report'].parse(report) satisfies PeerReport;
}

test('what the line carries is told once it is known', (t) => {
  const state: UplinkState = {
    ...{
      isToldBelieved: false,
      capacityBps: undefined,
      budgetBps: 1,
      paceBps: 1,
      publishedBps: undefined,
      isShort: true,
      caps: [],
      probe: undefined,
    },
    ...{ limitedBy: 'line', queueMs: 0, wakeAtMs: 0 },
  };
  t.is(ask().line, null);
  t.is(ask({}, undefined, { uplink: { state } }).line, null);
  const known = { ...state, capacityBps: 4_900_000.4 };
  t.deepEqual(ask({}, undefined, { uplink: { state: known } }).line, { bps: 4_900_000, limitedBy: 'line' });
});

const OF_B = { stream: 'camera', loss: 0.25, packetsLost: 3, jitterMs: 1.5, roundTripMs: null };
const PLAYED = { stream: 'voice', loss: 0.125, packetsLost: 7, jitterMs: 2.5 };
const DROPS = { tooLong: 3, kernel: 1 };
const ASKED = { passed: 1, coalesced: 2, refused: 3, stray: 4 };
const RELAYING = {
  draining: new Map(),
  ledger: { usableBps: 0, lendBps: 0, ownWantedBps: 0, ownInUseBps: 0, promised: new Map() },
};
const OF_F = {
  ...{ id: 'F.3', client: 'F', revision: 2, listed: true, noticed: false },
  streams: [{ stream: 'screen', rateBps: 1e6, legs: [{ receiver: 'B', slices: 0xf000 }] }],
};

test('how each pair talks is told, with the relays where it is cut', (t) => {
  t.deepEqual(ask().pairs, [{ peer: 'B', kind: 'via', relays: ['C'], reason: 'nat' }]);
  t.deepEqual(ask({}, undefined, { negotiation: undefined }).pairs, [{ peer: 'B', kind: 'none', reason: 'nat' }]);
});

test('every own stream is told, the first one also by itself', (t) => {
  t.like(ask(), {
    ...{
      request: 4,
      members: ['B'],
      sent: 500,
      rateBps: 800_000,
      peakSendBps: 7,
      received: { beat: 3 },
      repairs: REPAIRS,
    },
    streams: [
      { stream: 'camera', group: null, sent: 500, rateBps: 800_000 },
      { stream: 'voice', sent: null, rateBps: 32_000 },
    ],
  });
  const nothing = memberOf('A', []);
  t.like(ask({}, undefined, { profile: nothing, view: viewOf(nothing) }), { sent: null, rateBps: 0, streams: [] });
});

test('there is one reception of each stream; a window without a stream is one of the first', (t) => {
  const recorded = new RecordedMeter();
  recorded.nowMs = 8000;
  recorded.record('B', 'camera', 'B', 1, 2, 4);
  recorded.nowMs = 8500;
  recorded.record('B', 'voice', 'C', 10);
  const window = { from: 1, to: 5 };
  t.deepEqual(ask({ gapsSince: 8000, windows: [{ source: 'B', ...window }] }, recorded).receptions, [
    {
      ...{ source: 'B', stream: 'camera', via: { B: 3 }, longestGapMs: 1000, latestMs: 0 },
      ...{ firstAt: 8000, firstRelayedAt: null },
      window: { received: 3, duplicates: 0, via: { B: 3 } },
    },
    {
      ...{ source: 'B', stream: 'voice', via: { C: 1 }, longestGapMs: 500, latestMs: null, window: null },
      ...{ firstAt: 8500, firstRelayedAt: 8500 },
    },
  ]);
  const ofAnother = ask({ windows: [{ source: 'C', ...window }] }, recorded).receptions;
  t.true(ofAnother.every(({ window }) => window === null));
  const ofVoice = ask({ windows: [{ source: 'B', stream: 'voice', from: 9, to: 12 }] }, recorded).receptions;
  t.deepEqual(
    ofVoice.map(({ window }) => window?.received),
    [undefined, 1],
  );
});

test('how others get our streams is told as they say, with what could not be true and who asked for key frames', (t) => {
  t.like(ask(), { receivers: [{ receiver: 'B', ...OF_B }], implausibleReports: 2, keyFrames: ASKED });
});

test('how players here get the streams of others is told as they say', (t) => {
  t.deepEqual(ask().players, [{ source: 'B', ...PLAYED }]);
});

test('what was dropped is told by reason', (t) => {
  t.deepEqual(ask().drops, DROPS);
});

test('agreements are told by stream and by what goes the same way', (t) => {
  const { agreements } = ask();
  t.deepEqual(agreements, [
    { id: 'A.1', client: 'A', relay: 'C', stream: 'camera', receivers: ['B', 'D'], slices: '00ff', state: 'asked' },
    { id: 'A.1', client: 'A', relay: 'C', stream: 'camera', receivers: ['E'], slices: 'ffff', state: 'asked' },
    { id: 'A.1', client: 'A', relay: 'C', stream: 'voice', receivers: ['B'], slices: 'ffff', state: 'asked' },
    { id: 'F.3', client: 'F', relay: 'A', stream: 'screen', receivers: ['B'], slices: 'f000', state: 'active' },
  ]);
});
