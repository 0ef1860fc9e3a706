/** What routers do is told by how many see us, and one that lies about it changes nothing among three that do not. */
import test from 'ava';
import type { Endpoint, Nat } from '../../machines/messages.ts';
import { type Seen, type Sighting, seenFromOutside } from '../../machines/pairs/witnesses.ts';

const OWN: Endpoint = { host: '192.168.1.2', port: 5000 };
const OURS = '203.0.113.1';
const seen = (by: string, port: number, host = OURS): Sighting => ({ by, as: { host, port } });
const by = (servers: readonly Sighting[], members: readonly Sighting[]): Seen =>
  seenFromOutside({ servers, members }, [OWN]);
const textsOf = ({ at }: Seen) => at.map(({ host, port }) => `${host}:${port}`);

const BY_SERVERS: readonly [name: string, sightings: readonly Sighting[], nat: Nat][] = [
  ['nobody has seen us', [], 'unknown'],
  ['one has', [seen('a', 1)], 'unknown'],
  ['one has, twice, by two addresses', [seen('a', 1), seen('a', 2)], 'unknown'],
  ['two see the same', [seen('a', 1), seen('b', 1)], 'cone'],
  ['two see another port each', [seen('a', 1), seen('b', 2)], 'symmetric'],
  ['two see another host each', [seen('a', 1), seen('b', 1, '203.0.113.2')], 'symmetric'],
  ['three see two ports', [seen('a', 1), seen('b', 1), seen('c', 2)], 'symmetric'],
  ['one sees IPv4, another IPv6', [seen('a', 1), seen('b', 1, '2001:db8::1')], 'unknown'],
  ['one sees our own address', [seen('a', OWN.port, OWN.host)], 'none'],
  [
    'one sees our own address, others another port',
    [seen('a', 1), seen('b', 2), seen('c', OWN.port, OWN.host)],
    'none',
  ],
];
for (const [name, sightings, nat] of BY_SERVERS) {
  test(`servers: ${nat}: ${name}`, (t) => {
    t.is(by(sightings, []).nat, nat);
  });
}

test('of IPv6 alone nothing is learned of what a router does to IPv4', (t) => {
  const own = [OWN, { host: '2001:db8::2', port: 5000 }];
  const members = [seen('a', 5000, '2001:db8::2'), seen('b', 5000, '2001:db8::2')];
  t.is(seenFromOutside({ servers: [], members }, own).nat, 'unknown');
  t.is(seenFromOutside({ servers: [], members }, own.slice(1)).nat, 'none');
});

const HONEST: Readonly<Record<'cone' | 'symmetric', readonly Sighting[]>> = {
  cone: [seen('a', 7), seen('b', 7), seen('c', 7)],
  symmetric: [seen('a', 7), seen('b', 8), seen('c', 9)],
};
const LIES: readonly [name: string, lie: Sighting][] = [
  ['at another host', seen('m', 7, '198.51.100.66')],
  ['at another port', seen('m', 66)],
  ['as another does', seen('m', 7)],
  ['from the host of an honest one', seen('a', 66)],
  ['at our own address within', seen('m', OWN.port, OWN.host)],
];
for (const nat of ['cone', 'symmetric'] as const) {
  for (const [name, lie] of LIES) {
    test(`${nat}: one that says it sees us ${name} changes nothing among three that do not lie, whoever was first`, (t) => {
      const truth = by([], HONEST[nat]);
      t.is(truth.nat, nat);
      for (let place = 0; place <= 3; place += 1)
        t.deepEqual(by([], HONEST[nat].toSpliced(place, 0, lie)), truth, `liar at ${place}`);
      for (const servers of [
        [seen('s', HONEST[nat][0]?.as.port ?? 0)],
        [seen('s', 7), seen('z', nat === 'cone' ? 7 : 6)],
      ])
        t.deepEqual(by(servers, [lie, ...HONEST[nat]]), by(servers, HONEST[nat]));
    });
  }
}

test('what a server says counts before what members say, however many', (t) => {
  const members = ['a', 'b', 'c'].map((host) => seen(host, 66, '198.51.100.66'));
  t.like(by([seen('s', 7)], members), { outside: OURS, nat: 'unknown' });
  t.deepEqual(textsOf(by([seen('s', 7)], members)), [`${OURS}:7`]);
  t.is(by([seen('s', 7), seen('z', 7)], members).nat, 'cone');
});

test('of two that name another host each the one is believed that has said so longest, and both addresses may be tried', (t) => {
  const two = [seen('a', 7), seen('m', 7, '198.51.100.66')];
  t.like(by([], two), { outside: OURS, nat: 'unknown' });
  t.deepEqual(textsOf(by([], two)), [`${OURS}:7`, '198.51.100.66:7']);
  t.is(by([], two.toReversed()).outside, '198.51.100.66');
});

test('of two that name another port each a symmetric router is foretold, and both addresses may be tried', (t) => {
  const two = by([], [seen('a', 7), seen('b', 8)]);
  t.like(two, { outside: OURS, nat: 'symmetric' });
  t.deepEqual(textsOf(two), [`${OURS}:7`, `${OURS}:8`]);
  t.deepEqual(textsOf(by([], HONEST.symmetric)), [], 'of three nobody says a port that is of use to a fourth');
});

test('two at one host see one router, and tell no more than one of them', (t) => {
  t.is(by([], [seen('a', 7), seen('a', 7)]).nat, 'unknown');
  t.is(by([], [seen('a', 7), seen('a', 7), seen('b', 8), seen('b', 8)]).nat, 'symmetric');
});

test('while all come to say something new nothing else is believed on the way', (t) => {
  const now = (host: string) => seen(host, 7, '203.0.113.9');
  const lie = seen('m', 66, '198.51.100.66');
  const [a, b, c] = [seen('a', 7), seen('b', 7), seen('c', 7)];
  const steps = [
    [a, b, c, lie],
    [b, c, lie, now('a')],
    [c, lie, now('a'), now('b')],
    [lie, now('a'), now('b'), now('c')],
  ].map((members) => by([], members));
  t.deepEqual(
    steps.map(({ nat }) => nat),
    ['cone', 'cone', 'cone', 'cone'],
  );
  t.deepEqual(
    steps.map(({ outside }) => outside),
    [OURS, OURS, '203.0.113.9', '203.0.113.9'],
  );
  for (const step of steps) t.true(step.at.length <= 2);
});
