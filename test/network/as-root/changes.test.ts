/** What may happen to routers and hosts of a lab, as packets see it. */
import { setTimeout as delay } from 'node:timers/promises';
import { Lab } from '../lab.ts';
import type { Host } from '../parts/host.ts';
import type { Nat } from '../parts/nat.ts';
import type { Endpoint, Probe } from '../parts/probe.ts';
import { at, mappedTo } from './nat-behaviour.ts';
import { netTest } from './net-test.ts';

const DELAY_MS = 4;
/** How often a router is asked whether it has forgotten, in ms. */
const LOOK_MS = 100;

interface Rig {
  readonly lab: Lab;
  readonly nat: Nat;
  readonly inside: Host;
  readonly open: Host;
  readonly probe: Probe;
  readonly outside: Probe;
  /** Another one outside. */
  readonly witness: Probe;
  readonly witnessAt: Endpoint;
}

/** One host behind a full cone, which would let anybody in as long as it remembers, and one outside. */
async function rig(lab: Lab, forgetS?: number): Promise<Rig> {
  const open = await lab.host();
  const nat = await lab.nat('full-cone', forgetS === undefined ? {} : { forgetS });
  const inside = await nat.host();
  const third = await lab.host();
  const witness = await third.probe();
  const [probe, outside] = [await inside.probe(), await open.probe()];
  return { lab, nat, inside, open, probe, outside, witness, witnessAt: at(third, witness) };
}

/** Whether a packet to where the inside was seen before still gets there, once the router has let a new one out. */
async function isReached({ probe, outside, open, witness, witnessAt }: Rig, before: Endpoint): Promise<boolean> {
  await outside.send('stale', before);
  // A round trip takes longer than the stale one: the router has seen it before the inside speaks again.
  await outside.send('ping', witnessAt);
  await witness.send('pong', (await witness.next()).from);
  await outside.until('pong');
  const now = await mappedTo(probe, outside, open);
  await outside.send('fresh', now);
  return (await probe.until('fresh')).some(({ text }) => text === 'stale');
}

netTest('a router that is started anew maps to other ports, and what was mapped leads nowhere', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  const room = await rig(lab);
  const before = await mappedTo(room.probe, room.outside, room.open);
  t.true(await isReached(room, before));
  await room.nat.reboot();
  t.false(await isReached(room, before));
  const after = await mappedTo(room.probe, room.outside, room.open);
  t.is(after.host, before.host);
  t.not(after.port, before.port);
});

netTest('an outside address that changes is seen by whoever is spoken to, and the old one leads nowhere', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  const room = await rig(lab);
  const before = await mappedTo(room.probe, room.outside, room.open);
  await room.nat.changeAddress();
  const after = await mappedTo(room.probe, room.outside, room.open);
  t.not(after.host, before.host);
  t.is(after.host, room.nat.ipv4);
  t.false(await isReached(room, before));
});

netTest('a router forgets UDP after the time that it was given', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  const room = await rig(lab, 1);
  const before = await mappedTo(room.probe, room.outside, room.open);
  t.is(await room.nat.remembered(), 1);
  while ((await room.nat.remembered()) > 0) await delay(LOOK_MS);
  t.false(await isReached(room, before));
});

netTest(
  'a host that changes its address, and one that moves to another network, is seen as somebody else',
  async (t) => {
    await using lab = await Lab.start({ delayMs: DELAY_MS });
    const { nat, inside, open, probe, outside } = await rig(lab);
    const before = await mappedTo(probe, outside, open);
    const old = inside.ipv4;
    await inside.changeAddress();
    t.not(inside.ipv4, old);
    const renewed = await mappedTo(probe, outside, open);
    t.is(renewed.host, nat.ipv4);
    t.not(renewed.port, before.port);
    const elsewhere = await lab.nat('port-restricted');
    await inside.moveTo(elsewhere);
    t.is((await mappedTo(probe, outside, open)).host, elsewhere.ipv4);
    await inside.moveTo(lab);
    t.is((await mappedTo(probe, outside, open)).host, inside.ipv4);
  },
);

netTest('a pulled cable lets nothing through, in either direction, and a second network takes over', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  const { inside, open, probe, outside } = await rig(lab);
  await mappedTo(probe, outside, open);
  await inside.unplug();
  await t.throwsAsync(probe.send('lost', at(open, outside)), { message: /ENETUNREACH/ });
  const wireless = await lab.nat('port-restricted');
  await inside.join(wireless);
  t.is((await mappedTo(probe, outside, open)).host, wireless.ipv4);
  await inside.plugIn();
  await open.unplug();
  await t.throwsAsync(outside.send('lost', { host: wireless.ipv4, port: 9 }), { message: /ENETUNREACH/ });
  await open.plugIn();
  await mappedTo(probe, outside, open);
});
