import test from 'ava';
import { briefWayText, pairWayOf, wayText } from '../../actors/status/pair-way.ts';
import type { PairStatus } from '../../machines/pairs/pairing.ts';

const OPEN: PairStatus = {
  ...{ state: 'open', to: { host: '198.51.100.7', port: 5000 }, kind: 'reflexive', rttMs: 20.3, cut: null },
};
const LAN = { host: '192.168.1.2', port: 5000 };
const textOf = (changes: Partial<PairStatus>, relays: readonly string[] = []) =>
  wayText(pairWayOf({ ...OPEN, ...changes }, relays));

test('a pair is called by where its packets go', (t) => {
  t.is(textOf({}), 'direct 20 ms');
  t.is(textOf({ to: LAN, kind: 'host', rttMs: 0.42 }), 'LAN 0.4 ms');
  t.is(textOf({ to: LAN, kind: 'seen', rttMs: 1 }), 'LAN 1.0 ms');
  t.is(textOf({ to: { host: '2001:db8::7', port: 5000 }, kind: 'host', rttMs: null }), 'direct');
  t.is(textOf({ to: { ...LAN, channel: 0x4000 }, kind: 'relayed', rttMs: 40 }), 'TURN 40 ms');
  t.is(textOf({ kind: 'relayed', rttMs: 40 }), 'TURN 40 ms');
});

test('an address of a provider’s own network that a router has given is no LAN', (t) => {
  t.is(textOf({ to: { host: '100.64.0.9', port: 5000 }, kind: 'mapped' }), 'direct 20 ms');
});

test('a pair that is looked for is looking, and one in doubt is what it was', (t) => {
  for (const state of ['idle', 'checking'] as const)
    t.is(textOf({ state, to: null, kind: null, rttMs: null }), 'looking…');
  t.is(textOf({ state: 'doubtful' }), 'direct 20 ms');
});

test('a cut pair is told with who carries, and with the reason', (t) => {
  const cut = { state: 'cut', to: null, kind: null, rttMs: null, cut: 'nat' } as const;
  t.is(textOf(cut, ['B']), 'via B (your router and theirs refuse each other)');
  t.is(textOf(cut), 'no way (your router and theirs refuse each other)');
  t.is(textOf({ ...cut, cut: 'unanswered' }), 'no way (a firewall, yours or theirs, lets no UDP through)');
  t.is(briefWayText(pairWayOf({ ...OPEN, ...cut }, ['B', 'C'])), 'via B, C');
});

test('that media goes over a relay is no matter of a pair that is open', (t) => {
  t.is(textOf({}, ['B']), 'direct 20 ms');
});
