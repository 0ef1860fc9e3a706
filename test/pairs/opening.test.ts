/** A pair opens in one round trip, sends on its best way and takes what comes on any: nobody nominates. */
import test from 'ava';
import type { Candidate, CandidateKind, Endpoint } from '../../machines/messages.ts';
import type { PairNews } from '../../machines/pairs/contract.ts';
import { DELAYS } from '../../machines/timers.ts';
import { DELAY_MS, hostAt, Meeting, placeOf, ROUND_TRIP_MS, textOf, two, twoOpen } from './meeting.ts';

const OTHERS: Readonly<Record<Exclude<CandidateKind, 'host'>, Endpoint>> = {
  mapped: { host: '203.0.113.1', port: 1 },
  reflexive: { host: '203.0.113.2', port: 2 },
  relayed: { host: '203.0.113.3', port: 3 },
};
const candidate = (kind: keyof typeof OTHERS): Candidate => ({ kind, ...OTHERS[kind] });

test('whoever knows where the other is has a way after one round trip, and the other as soon as it has answered and asked', (t) => {
  const { meeting, a, b } = two();
  b.isTold('A', 1, hostAt(placeOf(1)));
  t.is(b.stateOf('A'), 'checking');
  t.is(a.stateOf('B'), 'idle');
  meeting.run(ROUND_TRIP_MS);
  t.deepEqual(b.told, ['pair.opened A']);
  t.is(b.sendTo('A'), textOf(placeOf(1)));
  t.deepEqual(a.acceptFrom('B'), [textOf(placeOf(2))], 'what B sends from now on is taken already');
  t.is(a.sendTo('B'), null, 'B has not proved that it is there');
  meeting.run(DELAY_MS);
  t.deepEqual(a.told, ['pair.opened B']);
  t.is(a.sendTo('B'), textOf(placeOf(2)));
  t.is(a.pairing.statusOf('B')?.kind, 'seen');
  t.is(b.pairing.statusOf('A')?.rttMs, ROUND_TRIP_MS);
});

test('a pair that does not open is late, whether it was told where to check or a check has come from there', (t) => {
  const { meeting, a, b } = two();
  const c = meeting.comes('C', { epoch: 3 });
  a.meets(b, c);
  a.isTold('C', 1, hostAt(placeOf(3)));
  b.isTold('A', 1, hostAt(placeOf(1)));
  b.isDeaf = true;
  meeting.run(1000);
  t.is(a.stateOf('C'), 'open');
  t.is(a.stateOf('B'), 'checking');
  const late = a.news.filter(({ type }) => type === 'pair.late');
  t.deepEqual(
    late.map(({ peer }) => peer),
    ['B'],
  );
});

test('where this process stood still nobody is late before what has come is read', (t) => {
  const { meeting, a, b } = two();
  const c = meeting.comes('C', { epoch: 3 });
  a.meets(b, c);
  a.isTold('C', 1, hostAt(placeOf(3)));
  meeting.run(1000);
  a.isTold('B', 1, hostAt(placeOf(2)));
  b.isDeaf = true;
  meeting.run(10);
  const lateOf = ({ news }: { readonly news: readonly PairNews[] }) => news.filter(({ type }) => type === 'pair.late');
  const stoodMs = 500;
  const woken = meeting.now + stoodMs;
  t.deepEqual(lateOf(a.pairing.due(woken, stoodMs)), []);
  t.deepEqual(lateOf(a.pairing.due(woken + 60)), []);
  t.is(lateOf(a.pairing.due(woken + 100)).length, 1, 'it had its time once more');
});

test('nothing is sent to an address that has only been named, and nothing taken from it', (t) => {
  const { meeting, b } = two();
  b.isTold('A', 1, hostAt(placeOf(9)));
  meeting.run(60_000);
  t.deepEqual([b.sendTo('A'), b.acceptFrom('A')], [null, []]);
});

for (const kinds of [
  ['relayed', 'reflexive', 'mapped'],
  ['mapped', 'reflexive', 'relayed'],
] as const) {
  test(`of ${kinds.join(', ')} the mapped one is used, and what comes from any is taken`, (t) => {
    const { meeting, a, b } = two();
    a.places.push(...Object.values(OTHERS));
    b.isTold('A', 1, ...kinds.map(candidate));
    meeting.run(ROUND_TRIP_MS);
    t.is(b.sendTo('A'), textOf(OTHERS.mapped));
    t.is(b.pairing.statusOf('A')?.kind, 'mapped');
    const all = [placeOf(1), ...Object.values(OTHERS)];
    t.deepEqual(b.acceptFrom('A').sort(), all.map(textOf), 'and from where its own checks come');
  });
}

test('a better way that is found later takes over at once, without a word to anybody', (t) => {
  const { meeting, a, b } = two();
  a.places.push(...Object.values(OTHERS));
  b.isTold('A', 1, candidate('reflexive'));
  meeting.run(1000);
  t.is(b.sendTo('A'), textOf(OTHERS.reflexive));
  b.isTold('A', 2, candidate('reflexive'), hostAt(placeOf(1)));
  meeting.run(ROUND_TRIP_MS);
  t.is(b.sendTo('A'), textOf(placeOf(1)));
  t.true(b.acceptFrom('A').includes(textOf(OTHERS.reflexive)), 'A may send from there still');
  t.deepEqual(b.told, ['pair.opened A']);
  t.is(b.news.at(-1)?.type, 'pair.moved');
});

test('a way that costs is told of once more when it gives way to one that does not', (t) => {
  const { meeting, a, b } = two();
  a.places = [OTHERS.relayed, OTHERS.reflexive, OTHERS.mapped];
  const openedBy = () => b.news.flatMap((news) => (news.type === 'pair.opened' ? [news.kind] : []));
  b.isTold('A', 1, candidate('relayed'));
  meeting.run(1000);
  t.deepEqual(openedBy(), ['relayed']);
  b.isTold('A', 2, candidate('relayed'), candidate('reflexive'));
  meeting.run(1000);
  t.deepEqual(openedBy(), ['relayed', 'reflexive']);
  b.isTold('A', 3, candidate('relayed'), candidate('reflexive'), candidate('mapped'));
  meeting.run(1000);
  t.deepEqual(openedBy(), ['relayed', 'reflexive'], 'one free way is as good as another');
});

test('a channel of a TURN server stays one, whatever the member names later', (t) => {
  const { meeting, a, b } = two();
  const channel = { ...OTHERS.relayed, channel: 0x4000 };
  a.places = [channel];
  b.do((pairing, nowMs) => pairing.asked('A', channel, nowMs));
  meeting.run(1000);
  for (const generation of [1, 2]) {
    b.isTold('A', generation, candidate('mapped'));
    meeting.run(1000);
    t.is(b.pairing.statusOf('A')?.kind, 'relayed');
  }
});

test('a worse way that is found later does not', (t) => {
  const { meeting, a, b } = two();
  a.places.push(...Object.values(OTHERS));
  b.isTold('A', 1, hostAt(placeOf(1)));
  meeting.run(1000);
  b.isTold('A', 2, hostAt(placeOf(1)), candidate('relayed'));
  meeting.run(10_000);
  t.is(b.sendTo('A'), textOf(placeOf(1)));
});

test('while a way is open, addresses that are no better are left alone', (t) => {
  const { meeting, b } = two();
  b.isTold('A', 1, hostAt(placeOf(1)), candidate('relayed'));
  meeting.run(60_000);
  t.is(meeting.checksOf(OTHERS.relayed).length, 1);
});

test('one that is better is tried on, ever more slowly', (t) => {
  const { meeting, a, b } = two();
  a.places.push(...Object.values(OTHERS));
  const [own] = a.places;
  a.places = a.places.filter((place) => place !== own);
  b.isTold('A', 1, candidate('relayed'), hostAt(placeOf(1)));
  meeting.run(60_000);
  const gaps = meeting.checksOf(placeOf(1)).map((atMs, index, all) => atMs - (all[index - 1] ?? 0));
  t.true(gaps.length > 5);
  t.deepEqual(
    [...gaps].sort((x, y) => x - y),
    gaps,
  );
});

test('an answer that comes from another address than the one that was asked makes only that one a way', (t) => {
  const { meeting, b } = two();
  const elsewhere = placeOf(77);
  b.isTold('A', 1, hostAt(placeOf(9)));
  b.do((pairing, nowMs) => pairing.due(nowMs));
  b.do((pairing) => pairing.answered('1', elsewhere, 30));
  t.is(b.sendTo('A'), textOf(placeOf(9)), 'who knows the transaction has been sent it there');
  t.deepEqual(b.acceptFrom('A').sort(), [placeOf(77), placeOf(9)].map(textOf).sort());
  meeting.run(30);
  t.is(meeting.checksOf(elsewhere).length, 1, 'and is asked where it answers from');
});

test('an answer counts once, and only to what was asked', (t) => {
  const { b } = two();
  b.isTold('A', 1, hostAt(placeOf(9)));
  b.do((pairing, nowMs) => pairing.due(nowMs));
  b.do((pairing) => pairing.answered('2', placeOf(9), 30));
  t.is(b.sendTo('A'), null);
  t.is(b.pairing.askedOf('1'), 'A');
  b.do((pairing) => pairing.answered('1', placeOf(9), 30));
  t.is(b.pairing.askedOf('1'), undefined);
  b.news.length = 0;
  b.do((pairing) => pairing.answered('1', placeOf(66), 31));
  t.deepEqual(b.news, []);
  t.false(b.acceptFrom('A').includes(textOf(placeOf(66))));
});

test('a stranger opens nothing: neither its addresses nor its checks are taken', (t) => {
  const { meeting, b } = two();
  b.isTold('X', 1, hostAt(placeOf(9)));
  b.do((pairing, nowMs) => pairing.asked('X', placeOf(9), nowMs));
  meeting.run(1000);
  t.deepEqual(meeting.checks, []);
  t.is(b.stateOf('X'), undefined);
  t.deepEqual(b.acceptFrom('X'), []);
});

test('a plain endpoint that answers checks is sought where it says that it is', (t) => {
  const meeting = new Meeting();
  const [a, b] = [meeting.comes('A'), meeting.comes('B', { epoch: 2 })];
  a.meets(b);
  b.meets({ peer: 'A', epoch: 1, nat: 'unknown', isBeside: false, claim: placeOf(1) });
  meeting.run(ROUND_TRIP_MS);
  t.is(b.sendTo('A'), textOf(placeOf(1)));
});

test('addresses of an older word do not replace those of a newer one', (t) => {
  const { meeting, b } = two();
  b.isTold('A', 2, hostAt(placeOf(1)));
  b.isTold('A', 1, hostAt(placeOf(9)));
  b.isTold('A', 2, hostAt(placeOf(9)));
  meeting.run(1000);
  t.deepEqual(meeting.checksOf(placeOf(9)), []);
  t.is(b.stateOf('A'), 'open');
});

test('another process of the same member is another pair: nothing that was proved counts', (t) => {
  const { meeting, a, b } = twoOpen();
  a.do((pairing, nowMs) =>
    pairing.follow([{ peer: 'B', epoch: 3, nat: 'unknown', isBeside: false, claim: null }], nowMs),
  );
  t.is(a.stateOf('B'), 'idle');
  t.deepEqual([a.sendTo('B'), a.acceptFrom('B')], [null, []]);
  b.isDeaf = true;
  a.isTold('B', 1, hostAt(placeOf(2)));
  t.is(a.stateOf('B'), 'checking', 'its generations begin anew');
  meeting.run(DELAYS.pairPatience + 1000);
  t.deepEqual(a.told.at(-1), 'pair.cut B');
});

test('a check of the process before does not open the pair with the one after', (t) => {
  const { a } = two();
  a.isTold('B', 1, hostAt(placeOf(2)));
  const [check] = a.pairing.due(0).checks;
  a.do((pairing, nowMs) =>
    pairing.follow([{ peer: 'B', epoch: 3, nat: 'unknown', isBeside: false, claim: null }], nowMs),
  );
  a.do((pairing) => pairing.answered(check?.transaction ?? '', placeOf(2), 30));
  t.is(a.stateOf('B'), 'idle');
  t.deepEqual([a.sendTo('B'), a.acceptFrom('B')], [null, []]);
});

test('whoever has left is sent nothing', (t) => {
  const { meeting, a } = twoOpen();
  a.do((pairing, nowMs) => pairing.follow([], nowMs));
  const before = meeting.checks.filter(({ by }) => by === 'A').length;
  meeting.run(60_000);
  t.is(a.sendTo('B'), null);
  t.is(meeting.checks.filter(({ by }) => by === 'A').length, before);
});
