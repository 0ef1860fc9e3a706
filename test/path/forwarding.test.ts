import test from 'ava';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtpPacket, until } from './rig.ts';

const SSRC = 0xdeadbeef;

for (const kind of KINDS) {
  test(`${kind}: packets from the upstream reach every receiver byte for byte`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using first = await PlainPeer.open();
    await using second = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({
      routes: [routeOf(SSRC, upstream.address, [first.address, second.address])],
      sinks: [],
    });
    const packets = [65534, 65535, 0, 1].map((sequence) => rtpPacket({ ssrc: SSRC, sequence }));
    await upstream.send(relay.path.bound, ...packets);
    t.deepEqual(await first.take(4), packets);
    t.deepEqual(await second.take(4), packets);
    await until(() => relay.path.counters().sentPackets >= 8);
    const { receivedPackets, sentPackets, forwardedPackets, sentBytes } = relay.path.counters();
    t.deepEqual(
      { receivedPackets, sentPackets, forwardedPackets, sentBytes },
      { receivedPackets: 4, sentPackets: 8, forwardedPackets: 8, sentBytes: 8 * 32 },
    );
    t.is(first.received[0]?.from.port, relay.path.bound.port);
    t.is(relay.path.sentTo(first.address), 4 * 32);
    t.is(relay.path.sentTo(second.address), 4 * 32);
  });

  test(`${kind}: a leg gets only the slices of its mask`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using even = await PlainPeer.open();
    await using odd = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    const legs = [
      { to: even.address, slices: 0x5555 },
      { to: odd.address, slices: 0xaaaa },
    ];
    relay.path.setTable({ routes: [routeOf(SSRC, upstream.address, [], { legs })], sinks: [] });
    const packets = Array.from({ length: 32 }, (_, index) => rtpPacket({ ssrc: SSRC, sequence: 65530 + index }));
    await upstream.send(relay.path.bound, ...packets);
    t.deepEqual(
      await even.take(16),
      packets.filter((_, index) => index % 2 === 0),
    );
    t.deepEqual(
      await odd.take(16),
      packets.filter((_, index) => index % 2 === 1),
    );
  });

  test(`${kind}: a frame of packets that differ in size arrives in order and whole`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({ routes: [routeOf(SSRC, upstream.address, [receiver.address])], sinks: [] });
    const sizes = [1200, 1200, 1200, 300, 1488, 1200, 1200, 0, 0, 700, 701, 700];
    const packets = sizes.map((payload, sequence) => rtpPacket({ ssrc: SSRC, sequence, payload }));
    await upstream.send(relay.path.bound, ...packets);
    t.deepEqual(await receiver.take(sizes.length), packets);
  });

  test(`${kind}: packets are forwarded from the upstream only`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using stranger = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({
      routes: [routeOf(SSRC, upstream.address, [receiver.address])],
      sinks: [{ ssrc: SSRC, from: [stranger.address] }],
    });
    await stranger.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 1 }));
    await relay.received(1);
    const last = rtpPacket({ ssrc: SSRC, sequence: 2 });
    await upstream.send(relay.path.bound, last);
    t.deepEqual(await receiver.take(1), [last]);
  });
}
