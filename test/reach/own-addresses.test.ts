/** What we tell others of where we are. */
import test from 'ava';
import { type Gathered, ownAddresses } from '../../actors/reach/addresses/own-addresses.ts';
import type { Sighting, Witnesses } from '../../machines/pairs/witnesses.ts';

const OUTSIDE = '203.0.113.1';
const seen = (by: string, port: number, host = OUTSIDE): Sighting => ({ by, as: { host, port } });
const byServers = (...servers: Sighting[]): Witnesses => ({ servers, members: [] });

const NOTHING: Gathered = {
  ...{ bound: { host: '0.0.0.0', port: 5000 }, interfaces: [], advertised: null, mapped: null },
  witnesses: byServers(),
  ...{ relayed: [], policy: 'all', asking: false, waited: false },
};
const AT_HOME: Gathered = { ...NOTHING, interfaces: [{ host: '192.168.1.2', scope: 'private' }] };
const ALL: Gathered = {
  ...AT_HOME,
  mapped: { host: OUTSIDE, port: 6000, by: 'PCP', scope: 'public' },
  witnesses: byServers(seen('a', 7000), seen('b', 7000)),
  relayed: [{ host: '192.0.2.1', port: 50_000 }],
};

function told(gathered: Gathered): string[] {
  return ownAddresses(gathered).candidates.map(({ kind, host, port, isPrivate }) => {
    return `${kind} ${host} ${port}${isPrivate ? ' private' : ''}`;
  });
}

const HOST = 'host 192.168.1.2 5000 private';
const MAPPED = `mapped ${OUTSIDE} 6000`;
const REFLEXIVE = `reflexive ${OUTSIDE} 7000`;
const RELAYED = 'relayed 192.0.2.1 50000';

test('all: of interfaces, mapped, seen from outside and lent, each once', (t) => {
  t.deepEqual(told(ALL), [HOST, MAPPED, REFLEXIVE, RELAYED]);
});

test('no-lan: none that is private, a mapped one neither', (t) => {
  t.deepEqual(told({ ...ALL, policy: 'no-lan' }), [MAPPED, REFLEXIVE, RELAYED]);
  const mapped = { host: '10.0.0.7', port: 6000, by: 'PCP', scope: 'private' } as const;
  t.deepEqual(told({ ...ALL, mapped, policy: 'no-lan' }), [REFLEXIVE, RELAYED]);
});

test("relay: a TURN server's alone, and nothing before it has one", (t) => {
  t.deepEqual(told({ ...ALL, policy: 'relay' }), [RELAYED]);
  t.deepEqual(told({ ...ALL, relayed: [], policy: 'relay' }), []);
});

test('behind a symmetric router the port that one sees is told to nobody, a mapped one is', (t) => {
  const symmetric = { ...ALL, witnesses: byServers(seen('a', 7000), seen('b', 7001)) };
  t.deepEqual(told(symmetric), [HOST, MAPPED, RELAYED]);
  t.is(ownAddresses(symmetric).nat, 'symmetric');
});

test('an address that is known in two ways is told once, as the better one', (t) => {
  const open = {
    ...NOTHING,
    interfaces: [{ host: '198.51.100.1', scope: 'public' } as const],
    witnesses: byServers(seen('a', 5000, '198.51.100.1')),
  };
  t.deepEqual(told(open), ['host 198.51.100.1 5000']);
  t.is(ownAddresses(open).nat, 'none');
});

test('the host that the user gives is told as a mapped one, with the port of our socket, beside what the router gives', (t) => {
  t.deepEqual(told({ ...AT_HOME, advertised: '203.0.113.9' }), [HOST, 'mapped 203.0.113.9 5000']);
  t.deepEqual(told({ ...ALL, advertised: '203.0.113.9' }), [
    HOST,
    'mapped 203.0.113.9 5000',
    MAPPED,
    REFLEXIVE,
    RELAYED,
  ]);
});

test('a socket on one address is nowhere else; one on IPv4 has no IPv6 address, one on both has', (t) => {
  const interfaces = [...AT_HOME.interfaces, { host: '2001:db8::1', scope: 'public' } as const];
  t.deepEqual(told({ ...NOTHING, interfaces, bound: { host: '127.0.0.1', port: 5000 } }), [
    'host 127.0.0.1 5000 private',
  ]);
  t.deepEqual(told({ ...NOTHING, interfaces }), [HOST]);
  t.deepEqual(told({ ...NOTHING, interfaces, bound: { host: '::', port: 5000 } }), [HOST, 'host 2001:db8::1 5000']);
});

test('an IPv6 address that all can reach does not make us open to those who have IPv4 alone', (t) => {
  const interfaces = [...AT_HOME.interfaces, { host: '2001:db8::1', scope: 'public' } as const];
  const both = { ...NOTHING, interfaces, bound: { host: '::', port: 5000 } };
  t.is(ownAddresses(both).nat, 'unknown');
  t.is(ownAddresses(both).outside, null);
});

test('our outside address: our own where it is public, else as we are seen, else as the router says if that is public', (t) => {
  const outside = (change: Partial<Gathered>) => ownAddresses({ ...AT_HOME, ...change }).outside;
  const mapped = { host: '203.0.113.5', port: 1, by: 'PCP', scope: 'public' } as const;
  t.is(outside({}), null);
  t.is(outside({ mapped }), '203.0.113.5');
  t.is(outside({ mapped: { ...mapped, host: '10.0.0.1', scope: 'private' } }), null);
  t.is(outside({ mapped, witnesses: byServers(seen('a', 1)) }), OUTSIDE);
  t.is(
    outside({ interfaces: [{ host: '198.51.100.1', scope: 'public' }], witnesses: byServers(seen('a', 1)) }),
    '198.51.100.1',
  );
  t.is(outside({ witnesses: byServers(seen('a', 1, '2001:db8::9')) }), null, 'of IPv6 everybody has one of his own');
});

test('whether it may still become known', (t) => {
  const state = (change: Partial<Gathered>) => ownAddresses({ ...AT_HOME, ...change }).outsideIs;
  t.is(state({}), 'untold');
  t.is(state({ asking: true }), 'asking');
  t.is(state({ waited: true }), 'alone');
  t.is(state({ witnesses: byServers(seen('a', 1)), waited: true, asking: true }), 'known');
});
