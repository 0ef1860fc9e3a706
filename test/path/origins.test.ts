import { EventEmitter, once } from 'node:events';
import test from 'ava';
import type { PathOrigin } from '../../infra/path/contract.ts';
import { KINDS, LOOPBACK, PathUnderTest, PlainPeer, routeOf, rtpPacket, stunMessage, until } from './rig.ts';

/** Every address 127.x.y.z is this machine's, on Linux. */
const onLinux = process.platform === 'linux' ? test : test.skip;
const OTHER = '127.0.0.2';
const THIRD = '127.0.0.3';
const SSRC = 11;

/** Where each of the datagrams that `peer` has got came from. */
function sendersOf(peer: PlainPeer): string[] {
  return peer.received.map(({ from }) => from.address);
}

for (const host of ['0.0.0.0', '::']) {
  onLinux(`batched on ${host}: packets leave from the address that the table names for where they go`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using plain = await PlainPeer.open();
    await using named = await PlainPeer.open();
    await using relay = await PathUnderTest.open('batched', host);
    const routes = [
      routeOf(SSRC, upstream.address, [plain.address, named.address]),
      routeOf(SSRC + 1, null, [plain.address, named.address]),
    ];
    const setOrigins = (origins: PathOrigin[]) => relay.path.setTable({ routes, sinks: [], origins });
    const at = { host: LOOPBACK, port: relay.path.bound.port };
    let sequence = 0;
    /** A run of equal packets, which leave as one message where the kernel has UDP GSO, and one of our own. */
    const pass = async () => {
      const before = named.received.length;
      const own = rtpPacket({ ssrc: SSRC + 1, sequence });
      await upstream.send(at, ...[0, 1, 2].map(() => rtpPacket({ ssrc: SSRC, sequence: sequence++ })));
      await named.take(before + 3);
      relay.path.send(own);
      relay.path.sendTo(stunMessage(), named.address);
      await named.take(before + 5);
      return sendersOf(named).slice(before);
    };
    setOrigins([]);
    t.deepEqual(await pass(), new Array(5).fill(LOOPBACK));
    setOrigins([{ to: named.address, from: OTHER }]);
    t.deepEqual(await pass(), new Array(5).fill(OTHER));
    setOrigins([{ to: named.address, from: `::ffff:${THIRD}` }]);
    t.deepEqual(await pass(), new Array(5).fill(THIRD));
    setOrigins([]);
    t.deepEqual(await pass(), new Array(5).fill(LOOPBACK));
    relay.path.sendTo(stunMessage(), named.address, OTHER);
    await named.take(21);
    t.is(sendersOf(named).at(-1), OTHER);
    t.deepEqual(new Set(sendersOf(plain)), new Set([LOOPBACK]));
  });

  onLinux(`batched on ${host}: a check comes with the address of ours that it was sent to`, async (t) => {
    await using stranger = await PlainPeer.open();
    await using peer = await PathUnderTest.open('batched', host);
    const { port } = peer.path.bound;
    // In an order that shows whether one is taken for the one before.
    const hosts = [OTHER, LOOPBACK, THIRD, OTHER];
    for (const each of hosts) await stranger.send({ host: each, port }, stunMessage());
    await until(() => peer.stun.length === hosts.length);
    t.deepEqual(
      peer.stun.map(({ local }) => local),
      hosts,
    );
  });
}

onLinux('an address that this machine has no more costs its own packets only', async (t) => {
  await using one = await PlainPeer.open();
  await using two = await PlainPeer.open();
  await using peer = await PathUnderTest.open('batched', '0.0.0.0');
  const routes = [routeOf(SSRC, null, [one.address, two.address])];
  peer.path.setTable({ routes, sinks: [], origins: [{ to: one.address, from: '192.0.2.1' }] });
  peer.path.send(rtpPacket({ ssrc: SSRC, sequence: 1 }));
  await two.take(1);
  t.like(peer.path.counters(), { sentPackets: 1, dropped: { unreachable: 1 } });
  t.deepEqual(one.received, []);
});

onLinux('what the table names holds on when a thread takes over', async (t) => {
  await using receiver = await PlainPeer.open();
  const kinds = new EventEmitter();
  await using peer = await PathUnderTest.open(undefined, '0.0.0.0', {
    floodedFromPps: 1,
    onKind: (kind) => kinds.emit('kind', kind),
  });
  const routes = [routeOf(SSRC, null, [receiver.address])];
  peer.path.setTable({ routes, sinks: [], origins: [{ to: receiver.address, from: OTHER }] });
  peer.path.send(rtpPacket({ ssrc: SSRC, sequence: 1 }));
  await receiver.take(1);
  const switched = once(kinds, 'kind');
  await receiver.send({ host: LOOPBACK, port: peer.path.bound.port }, stunMessage());
  await switched;
  peer.path.send(rtpPacket({ ssrc: SSRC, sequence: 2 }));
  await receiver.take(2);
  t.deepEqual(sendersOf(receiver), [LOOPBACK, OTHER]);
});

for (const kind of KINDS) {
  onLinux(`${kind}: from an IPv4 socket nothing goes to an IPv6 address, nor to one that its end spells`, async (t) => {
    await using victim = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const { port } = victim.address;
    peer.path.setTable({
      routes: [routeOf(SSRC, null, [{ host: '2001:db8::7f00:1', port }, receiver.address])],
      sinks: [],
    });
    peer.path.send(rtpPacket({ ssrc: SSRC, sequence: 1 }));
    await receiver.take(1);
    await until(() => peer.path.counters().dropped.unreachable === 1);
    t.is(peer.path.counters().sentPackets, 1);
    t.deepEqual(victim.received, []);
  });
}
