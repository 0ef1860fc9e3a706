/** What runs come to, and by what a way is known, without a network. */
import test from 'ava';
import type { Logged } from '../../integration/peer-process.ts';
import { reception, snapshot } from '../../scenarios/judging/made-up.ts';
import { CASES, type ReachCase } from './cases.ts';
import { mediumOf } from './medium.ts';
import { rowOf } from './report.ts';

const CASE: ReachCase = {
  ...{ name: 'x', pairing: 'x x y', a: { at: 'public' }, b: { at: 'public' } },
  ...{ conditions: { delayMs: 20, loss: 0 }, measured: 'media', limitMs: 300 },
};

test('a row counts what came, takes times of that alone, and names the way that most took', (t) => {
  const runs = Array.from({ length: 20 }, (_, index) => ({
    ...{ came: true, ms: 100.4 + index, medium: 'direct' as const },
  }));
  const nothing = { came: false, ms: undefined, medium: 'none' as const };
  t.deepEqual(rowOf(CASE, [...runs, nothing]), {
    ...{ pairing: 'x x y', runs: 21, connected: 20 },
    ...{ p50Ms: 109, p95Ms: 118, medium: 'direct' },
  });
  t.like(rowOf(CASE, [nothing]), { connected: 0, p50Ms: null, p95Ms: null, medium: 'none' });
});

test('of what is counted a row tells the most, whatever way most runs took', (t) => {
  const runs = [7, 9, 8].map((checks) => ({
    ...{
      came: true,
      ms: undefined,
      medium: 'direct' as const,
      counts: { 'checks a second': checks, 'packets of media': 0 },
    },
  }));
  const medium = 'direct, at most 9 checks a second, at most 0 packets of media';
  t.like(rowOf(CASE, runs), { connected: 3, p50Ms: null, medium });
});

test('each case has a name and a pairing of its own', (t) => {
  t.is(new Set(CASES.map(({ name }) => name)).size, CASES.length);
  t.is(new Set(CASES.map(({ pairing }) => pairing)).size, CASES.length);
});

const hosts = (inOneLan: boolean) => ({
  a: { isAt: (address: string) => address === '192.168.1.2' },
  b: { isAt: (address: string) => address === '192.168.1.3' },
  inOneLan,
});
const opened = (other: string, kind: string, host: string): Logged => ({
  ...{ event: 'pair.opened', other, kind },
  to: { host, port: 5000 },
});
const TO_EACH_OTHER = snapshot({
  A: { receptions: [reception('B', { via: { B: 100 } })] },
  B: { receptions: [reception('A', { via: { A: 100 } })] },
});

test('a way is known by what the pairs proved last, and by where packets come from', (t) => {
  const own = { A: [opened('B', 'host', '192.168.1.3')], B: [opened('A', 'host', '192.168.1.2')] };
  t.is(mediumOf(TO_EACH_OTHER, own, hosts(true)), 'lan');
  // The same addresses in another LAN.
  t.is(mediumOf(TO_EACH_OTHER, own, hosts(false)), 'direct');
  const moved = { ...own, A: [...own.A, opened('C', 'host', '10.0.0.1'), opened('B', 'relayed', '45.77.1.1')] };
  t.is(mediumOf(TO_EACH_OTHER, moved, hosts(true)), 'lan, turn');
  t.is(mediumOf(TO_EACH_OTHER, { A: [], B: [] }, hosts(false)), 'unproved');
});

test('packets that come over another member are relayed, whatever the pairs say', (t) => {
  const relayed = snapshot({
    A: { receptions: [reception('B', { via: { C: 60, B: 40 } })] },
    B: { receptions: [reception('A', { via: { C: 100 } })] },
  });
  const events = { A: [opened('B', 'reflexive', '45.77.3.1')], B: [] };
  t.is(mediumOf(relayed, events, hosts(false)), 'relay');
});
