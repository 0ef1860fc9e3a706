/** Each kind of router does what its name says (RFC 3489 section 5), told by what it does (RFC 4787). */
import { once } from 'node:events';
import { Lab, type SiteKind } from '../lab.ts';
import { at, behaviourOf, mappedTo, type NatBehaviour } from './nat-behaviour.ts';
import { netTest } from './net-test.ts';

const INDEPENDENT = 'endpoint-independent';
const BY_PORT = 'address-and-port-dependent';
const KINDS: Readonly<Partial<Record<SiteKind, NatBehaviour>>> = {
  public: { mapping: INDEPENDENT, filtering: INDEPENDENT },
  'full-cone': { mapping: INDEPENDENT, filtering: INDEPENDENT },
  'address-restricted': { mapping: INDEPENDENT, filtering: 'address-dependent' },
  'port-restricted': { mapping: INDEPENDENT, filtering: BY_PORT },
  symmetric: { mapping: BY_PORT, filtering: BY_PORT },
  'carrier-grade': { mapping: INDEPENDENT, filtering: BY_PORT },
};

netTest('each kind of router maps and filters as its name says', async (t) => {
  await using lab = await Lab.start({ delayMs: 4 });
  const outside = [await lab.host(), await lab.host()] as const;
  for (const [kind, behaviour] of Object.entries(KINDS)) {
    const inside = await (await lab.site(kind as SiteKind)).host();
    t.deepEqual(await behaviourOf(inside, outside), behaviour, kind);
  }
});

netTest('what is behind a router is seen with the outside address, and with another port', async (t) => {
  await using lab = await Lab.start({ delayMs: 4 });
  const open = await lab.host();
  const nat = await lab.nat('port-restricted');
  const inside = await nat.host();
  await using probe = await inside.probe();
  await using other = await open.probe();
  const mapped = await mappedTo(probe, other, open);
  t.is(mapped.host, nat.ipv4);
  t.not(mapped.port, probe.port);
});

netTest('where UDP is blocked none of it passes, and TCP does', async (t) => {
  await using lab = await Lab.start({ delayMs: 4 });
  const open = await lab.host();
  const nats = await lab.nats();
  const inside = await (await lab.nat('udp-blocked')).host();
  await using probe = await inside.probe();
  await using other = await open.probe();
  await probe.send('blocked', at(open, other));
  const { hostname, port } = new URL(nats.url);
  const connection = inside.dial({ host: hostname, port: Number(port) });
  const [greeting] = await once(connection, 'data');
  connection.destroy();
  t.regex(String(greeting), /^INFO /);
  // A connection takes longer than a packet: it would be here.
  await using near = await (await lab.host()).probe();
  await near.send('not blocked', at(open, other));
  t.deepEqual(await other.until('not blocked'), []);
});
