import test from 'ava';
import { agreement, pair, snapshot, stream } from './made-up.ts';
import { arrangement, relayOf, unsettled } from './settling.ts';

const BOTH = [pair('A', 'B'), pair('B', 'A')];
const KNOWN = snapshot({ A: { members: ['B'] }, B: { members: ['B', 'A'] } });

test('settled: everybody known, every pair served', (t) => {
  t.deepEqual(unsettled(KNOWN, BOTH), []);
});

test('a stranger, somebody gone, a pending agreement and an unserved pair are told', (t) => {
  const asked = { ...agreement('A', 'B', ['C']), state: 'asked' as const };
  const room = snapshot({ A: { members: ['gone'], agreements: [asked] }, B: { members: ['A'] } });
  t.deepEqual(unsettled(room, [pair('A', 'B', { received: 90, lost: 10 }), pair('B', 'A', { expected: 0 })]), [
    'A does not know B',
    'A has not noticed that gone is gone',
    'A waits for B to relay',
    'B gets 90 of 100 packets of A/camera',
    'B sends nothing as camera',
  ]);
});

test('a copy too many is no settled room', (t) => {
  t.is(unsettled(KNOWN, [pair('A', 'B', { duplicates: 1 }), pair('B', 'A')]).length, 1);
});

test('the arrangement is the same in any order, and another with another agreement or rate', (t) => {
  const agreements = [agreement('A', 'B', ['C']), agreement('A', 'D', ['E'])];
  const same = arrangement(snapshot({ A: { agreements } }));
  t.is(arrangement(snapshot({ A: { agreements: [...agreements].reverse() } })), same);
  t.not(arrangement(snapshot({ A: { agreements: agreements.slice(1) } })), same);
  t.not(arrangement(snapshot({ A: { agreements, streams: [stream(0, 2)] } })), same);
});

test('the relay of a client is the one that serves most of its receivers', (t) => {
  const agreements = [
    agreement('C', 'A', ['B']),
    agreement('C', 'D', ['E', 'F']),
    agreement('X', 'Y', ['1', '2', '3']),
  ];
  t.is(relayOf('C', snapshot({ C: { agreements } })), 'D');
  t.is(relayOf('A', snapshot({ C: { agreements } })), undefined);
});
