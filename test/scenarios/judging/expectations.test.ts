import test from 'ava';
import type { Expectation } from '../scenario.ts';
import { findingsOf } from './expectations.ts';
import { agreement, pair, reception, run, SCENARIO, snapshot, stream } from './made-up.ts';
import type { RunRecord } from './record.ts';

function isMet(expected: Expectation, changes: Partial<RunRecord>): boolean | undefined {
  return findingsOf(run({ ...changes, scenario: { ...SCENARIO, expect: [expected] } }))[0]?.met;
}

test('relayed: the peer asked, and is relayed at the end', (t) => {
  const expected: Expectation = { see: 'relayed', peer: 'A' };
  const relayed = { receptions: [reception('A', { firstRelayedAt: 20 })] };
  const reports = [snapshot({ A: { saturatedAt: 10 }, B: relayed })];
  t.true(isMet(expected, { reports, pairs: [pair('A', 'B', { via: ['R'] })] }));
  t.false(isMet(expected, { reports, pairs: [pair('A', 'B')] }));
  t.false(isMet(expected, { pairs: [pair('A', 'B', { via: ['R'] })] }));
});

test('relayedTo: this receiver gets it through a relay', (t) => {
  const expected: Expectation = { see: 'relayedTo', source: 'A', receiver: 'B' };
  t.true(isMet(expected, { pairs: [pair('A', 'B', { via: ['R'] })] }));
  t.false(isMet(expected, { pairs: [pair('A', 'B'), pair('A', 'C', { via: ['R'] })] }));
});

test('leftAlone: called, but sent nothing of RPR', (t) => {
  const expected: Expectation = { see: 'leftAlone', peer: 'B' };
  t.true(isMet(expected, { reports: [snapshot({ B: { received: { invite: 3, answer: 1, bye: 1 } } })] }));
  t.false(isMet(expected, { reports: [snapshot({ B: { received: { invite: 3, beat: 1 } } })] }));
  t.false(isMet(expected, { reports: [snapshot({ B: {} })] }));
});

test('handedOver: no packet of the source lost while its relay left', (t) => {
  const expected: Expectation = { see: 'handedOver', source: 'A' };
  const left = { peer: 'R', how: 'leave' as const, gapMs: new Map() };
  t.true(isMet(expected, { departures: [{ ...left, deliveries: [pair('A', 'B'), pair('B', 'A', { lost: 9 })] }] }));
  t.false(isMet(expected, { departures: [{ ...left, deliveries: [pair('A', 'B', { lost: 1 })] }] }));
  t.false(isMet(expected, { departures: [{ ...left, deliveries: [] }] }));
  t.false(isMet(expected, { departures: [] }));
});

test('recovered: after the kill the source reaches everybody again', (t) => {
  const expected: Expectation = { see: 'recovered', source: 'A' };
  const killed = { peer: 'R', how: 'kill' as const, deliveries: [], gapMs: new Map([['A', 240]]) };
  t.true(isMet(expected, { departures: [killed], pairs: [pair('A', 'B')] }));
  t.false(isMet(expected, { departures: [killed], pairs: [pair('A', 'B', { received: 0, lost: 100 })] }));
  t.false(isMet(expected, { departures: [{ ...killed, how: 'leave' }], pairs: [pair('A', 'B')] }));
});

const VOICE = { name: 'voice', media: 'audio' as const, bitrate: { minBps: 1, maxBps: 1 } };
const SPEAKER = { id: 'A', uploadBps: 1, bitrate: { minBps: 1, maxBps: 1 }, beside: [VOICE] };

function areVoices(see: 'voicesWhole' | 'voicesKept', changes: Partial<RunRecord>): boolean | undefined {
  const scenario = { ...SCENARIO, peers: [SPEAKER], expect: [{ see }] };
  return findingsOf(run({ ...changes, scenario }))[0]?.met;
}

test('voicesWhole: every voice comes by one way, in one piece', (t) => {
  const voice = { stream: 'voice' };
  const camera = pair('A', 'B', { via: ['direct', 'R'], lost: 3 });
  const met = (pairs: RunRecord['pairs'], rest: Partial<RunRecord> = {}) =>
    areVoices('voicesWhole', { pairs: [camera, ...pairs], ...rest });
  t.true(met([pair('A', 'B', voice), pair('A', 'C', { ...voice, via: ['R'] })]));
  t.false(met([pair('A', 'B', { ...voice, lost: 1 })]));
  t.false(met([pair('A', 'B', { ...voice, via: ['Q', 'R'] })]));
  t.false(met([]));
  const half = { ...agreement('A', 'R', ['B']), slices: '00ff' };
  const split = (stream: string) => [snapshot({ A: { agreements: [{ ...half, stream }] } })];
  t.true(met([pair('A', 'B', voice)], { reports: split('camera') }));
  t.false(met([pair('A', 'B', voice)], { reports: split('voice') }));
});

test('voicesKept: an upload changed, and no packet of a voice was lost', (t) => {
  const change = { peer: 'B', uploadBps: 1e6 };
  const voice = { stream: 'voice' };
  const met = (deliveries: RunRecord['pairs']) => areVoices('voicesKept', { changes: [{ ...change, deliveries }] });
  t.true(met([pair('A', 'B', { lost: 5 }), pair('A', 'B', voice)]));
  t.false(met([pair('A', 'B', voice), pair('A', 'C', { ...voice, lost: 1 })]));
  t.false(met([pair('A', 'B')]));
  t.false(areVoices('voicesKept', {}));
});

test('plannedRates: nobody runs faster or slower than planned', (t) => {
  const peers = ['A', 'B'].map((id) => ({ id, uploadBps: 1e6, bitrate: { minBps: 0, maxBps: 2e6 } }));
  const atRates = (a: number, b: number) => {
    const reports = [
      snapshot({
        A: { uploadBps: 1e6, streams: [stream(0, a)] },
        B: { uploadBps: 1e6, streams: [stream(0, b)] },
      }),
    ];
    return findingsOf(run({ reports, scenario: { ...SCENARIO, peers, expect: [{ see: 'plannedRates' }] } }))[0]?.met;
  };
  t.true(atRates(950_000, 940_000));
  t.false(atRates(950_000, 900_000));
  t.false(atRates(1_000_000, 950_000));
});

test('sameFrames: enough frames, and all of them equal', (t) => {
  const expected: Expectation = { see: 'sameFrames', source: 'A' };
  t.true(isMet(expected, { frames: { compared: 60, equal: 60 } }));
  t.false(isMet(expected, { frames: { compared: 60, equal: 59 } }));
  t.false(isMet(expected, { frames: { compared: 3, equal: 3 } }));
  t.false(isMet(expected, { frames: null }));
});

test('phoneShows: in every look, and the picture moves', (t) => {
  const expected: Expectation = { see: 'phoneShows', peer: 'D', source: 'C' };
  const seen = (...views: { shows: string | null; moves: boolean }[]) =>
    isMet(expected, { phone: { views, lost: {} } });
  const right = { shows: 'C', moves: true };
  t.true(seen(right, right));
  t.false(seen(right, { shows: 'C', moves: false }));
  t.false(seen({ shows: null, moves: true }, right));
  t.false(seen({ shows: 'A', moves: true }));
  t.false(seen());
  t.false(isMet(expected, {}));
});

test('phoneLosesNothing: the phone has said so of picture and sound', (t) => {
  const expected: Expectation = { see: 'phoneLosesNothing', peer: 'D' };
  const reported = (lost: { audio?: number; video?: number }) => isMet(expected, { phone: { views: [], lost } });
  t.true(reported({ audio: 0, video: 0 }));
  t.false(reported({ audio: 0, video: 2 }));
  t.false(reported({ video: 0 }));
  const departure = { peer: 'B', how: 'kill', deliveries: [pair('C', 'D', { lost: 2 })], gapMs: new Map() } as const;
  const phone = { views: [], lost: { audio: 0, video: 2 } };
  t.true(isMet(expected, { phone, departures: [departure] }));
});
