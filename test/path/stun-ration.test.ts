/** A flood of strangers' STUN is held off by the kernel, as much of it as would be dropped anyway, and no longer than it lasts. */
import test from 'ava';
import { StrangerFilter } from '../../infra/path/batched/stranger-filter.ts';
import { CHECKS_PER_SECOND } from '../../infra/path/decision/reporters.ts';
import { StunRation } from '../../infra/path/decision/stun-ration.ts';
import { LOOPBACK, PathUnderTest, PlainPeer, stunMessage, until } from './rig.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;

test('of a flood so much comes through as the path takes, and when it is over all does again, within two seconds', (t) => {
  const ration = new StunRation();
  t.false(ration.look(CHECKS_PER_SECOND));
  t.is(ration.share, 1);
  for (const flood of [10_000, 1_000_000]) {
    for (let step = 0; step < 20; step += 1) ration.look(flood * ration.share);
    const through = flood * ration.share;
    t.true(through <= CHECKS_PER_SECOND && through >= CHECKS_PER_SECOND / 4, `${through} of ${flood}`);
  }
  let steps = 0;
  while (ration.share < 1) {
    ration.look(0);
    steps += 1;
  }
  t.true(steps <= 20, `${steps} steps of 100 ms`);
});

test('a flood that is held off is not let in by it', (t) => {
  const ration = new StunRation();
  ration.look(10_000);
  const shares = Array.from({ length: 50 }, () => {
    ration.look(10_000 * ration.share);
    return ration.share;
  });
  t.true(Math.max(...shares) <= 0.2, String(Math.max(...shares)));
});

for (const [host, at] of [
  [LOOPBACK, LOOPBACK],
  ['::', LOOPBACK],
  ['::', '::1'],
] as const) {
  onLinux(`on ${host} at ${at}: strangers' STUN is taken by chance, that of members always`, async (t) => {
    await using stranger = await PlainPeer.open(at);
    await using member = await PlainPeer.open(at);
    await using peer = await PathUnderTest.open('dgram', host);
    const to = { host: at, port: peer.path.bound.port };
    const filter = new StrangerFilter(peer.path.bound);
    t.teardown(() => filter.close());
    filter.allow([member.address], 0);
    await stranger.send(to, ...Array.from({ length: 50 }, (_, index) => stunMessage(index)));
    await member.send(to, stunMessage(99));
    await until(() => peer.stun.length === 1);
    t.is(peer.path.counters().kernelDrops, 50);
    filter.allow([member.address], 0.5);
    await stranger.send(to, ...Array.from({ length: 150 }, (_, index) => stunMessage(index)));
    await member.send(to, stunMessage(98));
    const dropped = () => peer.path.counters().kernelDrops - 50;
    await until(() => peer.stun.length + dropped() === 152);
    // One time in 10^15 it is fewer or more.
    t.true(dropped() > 30 && dropped() < 120, String(dropped()));
  });
}

onLinux(
  'a flood of strangers’ STUN alone is enough for the kernel to hold it off, and what comes later is let in again',
  async (t) => {
    await using stranger = await PlainPeer.open();
    await using peer = await PathUnderTest.open(undefined);
    const burst = Array.from({ length: 60 }, (_, index) => stunMessage(index));
    const drops = () => peer.path.counters().kernelDrops;
    // Each is read before the next is sent: none is lost for want of room.
    for (let sent = 0; drops() === 0; ) {
      await stranger.send(peer.path.bound, ...burst);
      sent += burst.length;
      await until(() => peer.path.counters().receivedPackets + drops() >= sent);
    }
    t.true(peer.path.counters().dropped.stunFlood > 0, 'the path had to drop some itself before');
    for (let inARow = 0; inARow < 50; inARow += 1) {
      const before = drops();
      const { receivedPackets } = peer.path.counters();
      await stranger.send(peer.path.bound, stunMessage(1));
      await until(() => drops() > before || peer.path.counters().receivedPackets > receivedPackets);
      if (drops() > before) inARow = 0;
    }
    t.pass();
  },
);
