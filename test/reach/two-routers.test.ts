/** Peers behind routers find each other with real checks: what should open opens, and what cannot is known as such. */
import test from 'ava';
import { Router, type RouterKind } from './routers.ts';
import { DELAY_MS, type Seat, WiredRoom } from './wired-room.ts';

const OPEN: Seat = { host: '198.51.100.1', router: null };
const seatBehind = (kind: RouterKind, number: number): Seat => {
  return { host: `192.168.${number}.2`, router: new Router(`203.0.113.${number}`, kind) };
};

/** A third member on the internet was here before: all see their outside addresses by it. */
function room(...kinds: readonly [RouterKind, RouterKind]) {
  const wired = new WiredRoom();
  const c = wired.joins('C', OPEN);
  const d = wired.joins('D', { host: '198.51.100.2', router: null });
  wired.run(2000);
  const [a, b] = [wired.joins('A', seatBehind(kinds[0], 1)), wired.joins('B', seatBehind(kinds[1], 2))];
  return { wired, a, b, c, d };
}

const PAIRS: readonly [RouterKind, RouterKind, opens: boolean][] = [
  ['open', 'open', true],
  ['open', 'restricted', true],
  ['restricted', 'restricted', true],
  ['open', 'symmetric', true],
  ['symmetric', 'open', true],
  ['restricted', 'symmetric', false],
  ['symmetric', 'restricted', false],
  ['symmetric', 'symmetric', false],
];
for (const [ours, theirs, opens] of PAIRS) {
  test(`${ours} and ${theirs}: ${opens ? 'media both ways within 16 one-way delays of the join' : 'cut, and both know it'}`, (t) => {
    const { wired, a, b, c } = room(ours, theirs);
    wired.run(16 * DELAY_MS);
    t.is(wired.carries(a, b), opens);
    t.is(wired.carries(b, a), opens);
    for (const each of [a, b]) t.true(wired.carries(each, c) && wired.carries(c, each));
    wired.run(4000);
    if (!opens) t.deepEqual([a.stateOf(b), b.stateOf(a)], ['cut', 'cut']);
    t.is(a.reach.own?.nat, ours === 'symmetric' ? 'symmetric' : 'cone');
    t.is(a.reach.own?.outside, '203.0.113.1');
  });
}

test('two that refuse each other are cut as soon as both are known for it, not after 3 s', (t) => {
  const { wired, a, b } = room('symmetric', 'symmetric');
  wired.run(16 * DELAY_MS);
  t.true(a.news.includes('cut B nat'));
  t.true(b.news.includes('cut A nat'));
});

test('a room with one open member needs no server: it tells the others where they are', (t) => {
  const wired = new WiredRoom();
  const c = wired.joins('C', OPEN);
  const a = wired.joins('A', seatBehind('restricted', 1));
  wired.run(1000);
  t.is(a.reach.own?.outside, '203.0.113.1');
  t.is(a.reach.own?.nat, 'unknown', 'one who sees us does not tell what the router does');
  t.deepEqual(
    a.reach.own?.candidates.map(({ kind, host }) => `${kind} ${host}`),
    ['host 192.168.1.2', 'reflexive 203.0.113.1'],
  );
  t.deepEqual([c.reach.own?.outside, c.reach.own?.nat], [OPEN.host, 'none']);
});

test('two behind one router reach each other by their own network, and nothing of it goes outside', (t) => {
  const wired = new WiredRoom();
  const router = new Router('203.0.113.1', 'symmetric');
  wired.joins('C', OPEN);
  wired.joins('D', { host: '198.51.100.2', router: null });
  const [a, b] = [wired.joins('A', { host: '192.168.1.2', router }), wired.joins('B', { host: '192.168.1.3', router })];
  wired.run(1000);
  t.deepEqual([a.sendsTo(b), b.sendsTo(a)], ['192.168.1.3:5000', '192.168.1.2:5000']);
  t.is(a.reach.own?.nat, 'symmetric');
  t.true(wired.carries(a, b) && wired.carries(b, a));
  t.deepEqual(
    [...a.news, ...b.news].filter((news) => news.startsWith('cut')),
    [],
  );
});

test('private addresses are not named to those in other networks', (t) => {
  const wired = new WiredRoom();
  wired.joins('C', OPEN);
  wired.joins('A', seatBehind('restricted', 1));
  wired.run(1000);
  wired.joins('B', seatBehind('restricted', 2));
  wired.run(5000);
  t.deepEqual(
    wired.sent.filter(({ to }) => to.startsWith('192.168.')),
    [],
  );
});

for (const kind of ['open', 'restricted'] as const) {
  test(`one that moves behind another router (${kind}) keeps its pairs, and media moves with it`, (t) => {
    const { wired, a, b, c } = room(kind, kind);
    wired.run(2000);
    a.news.length = 0;
    b.news.length = 0;
    a.moves(seatBehind(kind, 7));
    t.false(wired.carries(b, a));
    wired.run(25 * DELAY_MS);
    t.true(wired.carries(a, c) && wired.carries(c, a));
    wired.run(1000);
    t.true(wired.carries(a, b) && wired.carries(b, a));
    t.deepEqual([a.news, b.news], [[], []], 'nothing was cut on the way');
    t.is(a.reach.own?.outside, '203.0.113.7');
  });
}

test('a router that forgets everything is noticed by silence, and found again', (t) => {
  const { wired, a, c } = room('restricted', 'restricted');
  wired.run(2000);
  a.seat.router?.forget();
  t.false(wired.carries(c, a));
  wired.run(7000);
  t.true(wired.carries(a, c) && wired.carries(c, a));
});

test('consent keeps routers that forget after 30 s from forgetting: each pair is heard from within 6 s', (t) => {
  const { wired, a, b } = room('restricted', 'restricted');
  wired.run(60_000);
  const times = wired.sent.filter(({ by, to }) => by === 'A' && to === a.sendsTo(b)).map(({ atMs }) => atMs);
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  t.true(gaps.length > 8 && Math.max(...gaps) <= 6000 + 2 * DELAY_MS, String(Math.max(...gaps)));
});
