import test from 'ava';
import { agreement, pair, reception, run, SCENARIO, snapshot } from './made-up.ts';
import { judgementOf } from './verdict.ts';

test('a run in which all went well is ok, in the form that --json prints', (t) => {
  const agreements = [agreement('A', 'B', ['C'])];
  const reports = [snapshot({ A: { agreements }, B: { agreements, peakSendBps: 4e6, uploadBps: 4e6 } })];
  t.deepEqual(judgementOf(run({ reports })).verdict, {
    scenario: 'test',
    ok: true,
    peers: [
      { id: 'A', compatible: true, uploadBps: 5e6, peakSendBps: 2e6, roles: ['client'] },
      { id: 'B', compatible: true, uploadBps: 4e6, peakSendBps: 4e6, roles: ['relay'] },
    ],
    pairs: [pair('A', 'B'), pair('B', 'A')],
    agreements,
    delivered: 1,
    overCapacity: [],
    gapMs: null,
    relayMs: [],
  });
});

test('a lost packet, a copy too many, a missing pair: not ok', (t) => {
  t.false(judgementOf(run({ pairs: [pair('A', 'B', { received: 99, lost: 1 })] })).verdict.ok);
  t.false(judgementOf(run({ pairs: [pair('A', 'B', { duplicates: 1 })] })).verdict.ok);
  t.false(judgementOf(run({ pairs: [pair('A', 'B', { expected: 0, received: 0 })] })).verdict.ok);
  t.false(judgementOf(run({ pairs: [] })).verdict.ok);
});

test('a peer that sent more than it has is named, also when it has gone', (t) => {
  const reports = [snapshot({ A: { peakSendBps: 5_000_001 }, B: {} }), snapshot({ B: {} })];
  const { verdict } = judgementOf(run({ reports, present: ['B'] }));
  t.deepEqual(verdict.overCapacity, ['A']);
  t.false(verdict.ok);
});

test('a room that did not settle in time is not ok', (t) => {
  t.false(judgementOf(run({ unsettled: ['B gets 0 of 10 packets of A'] })).verdict.ok);
});

test('where both ends tell of an agreement, the relay is right', (t) => {
  const [asClient, asRelay] = [agreement('A', 'B', ['C', 'D']), agreement('A', 'B', ['C'])];
  const reports = [snapshot({ A: { agreements: [asClient] }, B: { agreements: [asRelay] } })];
  t.deepEqual(judgementOf(run({ reports })).verdict.agreements, [asRelay]);
});

test('agreements of peers that have gone are over, their roles are remembered', (t) => {
  const reports = [snapshot({ A: { agreements: [agreement('A', 'B', ['C'])] }, B: {} }), snapshot({ B: {} })];
  const { verdict } = judgementOf(run({ reports, present: ['B'] }));
  t.deepEqual(verdict.agreements, []);
  t.deepEqual(
    verdict.peers.map(({ roles }) => roles),
    [['client'], ['relay']],
  );
});

test('relayMs counts from the saturation of each client to its first relayed packet anywhere', (t) => {
  const reports = [
    snapshot({
      A: { saturatedAt: 1000.4 },
      B: { receptions: [reception('A', { firstRelayedAt: 1200 })] },
      C: { saturatedAt: 1000, receptions: [reception('A', { firstRelayedAt: 1100.8 })] },
    }),
  ];
  const peers = ['A', 'B', 'C'].map((id) => ({ id, uploadBps: 1, bitrate: { minBps: 1, maxBps: 1 } }));
  t.deepEqual(judgementOf(run({ reports, scenario: { ...SCENARIO, peers } })).verdict.relayMs, [100]);
});

test('gapMs is the longest gap of the source that the scenario is about', (t) => {
  const gapMs = new Map([
    ['A', 250.4],
    ['B', 900],
  ]);
  const departures = [{ peer: 'R', how: 'kill' as const, deliveries: [], gapMs }];
  const scenario = { ...SCENARIO, expect: [{ see: 'recovered' as const, source: 'A' }] };
  t.is(judgementOf(run({ departures, scenario })).verdict.gapMs, 250);
  t.is(judgementOf(run({ departures })).verdict.gapMs, 900);
});
