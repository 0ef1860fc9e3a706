import test from 'ava';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtpPacket, until } from './rig.ts';

const SSRC = 0x1234;
const PACKETS = 40;
/** Few enough for any socket's receive buffer. */
const IN_FLIGHT = 20;
/** A socket on the loopback address cannot send beyond this machine: the kernel refuses each datagram. */
const BEYOND = { host: '192.0.2.1', port: 9 };

for (const kind of KINDS) {
  test(`${kind}: a receiver that refuses does not keep the others from their packets`, async (t) => {
    const gone = await PlainPeer.open();
    await gone[Symbol.asyncDispose]();
    await using upstream = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({
      routes: [routeOf(SSRC, upstream.address, [gone.address, receiver.address])],
      sinks: [{ ssrc: SSRC, from: [upstream.address] }],
    });
    const packets = Array.from({ length: PACKETS }, (_, sequence) => rtpPacket({ ssrc: SSRC, sequence }));
    for (const packet of packets) {
      await upstream.send(relay.path.bound, packet);
      // So that the ICMP answer to each is back before the next.
      await receiver.take(packet.readUInt16BE(2) + 1);
    }
    t.deepEqual(await receiver.take(PACKETS), packets);
    await until(() => relay.delivered.length === PACKETS);
    t.is(relay.path.counters().receivedPackets, PACKETS);
  });

  test(`${kind}: a receiver that no network leads to is counted, and the others get their packets`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({ routes: [routeOf(SSRC, upstream.address, [BEYOND, receiver.address])], sinks: [] });
    const packets = [1, 2, 3].map((sequence) => rtpPacket({ ssrc: SSRC, sequence }));
    await upstream.send(relay.path.bound, ...packets);
    t.deepEqual(await receiver.take(3), packets);
    // The batched path counts what fails and what leaves in turns.
    await until(() => {
      const { dropped, sentPackets } = relay.path.counters();
      return dropped.unreachable >= 3 && sentPackets >= 3;
    });
    t.like(relay.path.counters(), { forwardedPackets: 3, sentPackets: 3 });
  });

  test(`${kind}: one of several that becomes unreachable after long service is counted`, async (t) => {
    await using gone = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const { path } = peer;
    const staying = [receiver.address, { ...receiver.address, port: 9 }, { ...receiver.address, port: 10 }];
    let sequence = 0;
    const send = (packets: number) => {
      for (let sent = 0; sent < packets; sent++) path.send(rtpPacket({ ssrc: SSRC, sequence: sequence++ }));
    };
    path.setTable({ routes: [routeOf(SSRC, null, [gone.address, ...staying])], sinks: [] });
    send(500);
    await until(() => path.counters().sentPackets === 2000);
    path.setTable({ routes: [routeOf(SSRC, null, [BEYOND, ...staying])], sinks: [] });
    for (let round = 0; round < 10; round++) {
      const { sentPackets, dropped } = path.counters();
      send(20);
      await until(() => {
        const now = path.counters();
        return now.sentPackets - sentPackets + now.dropped.unreachable - dropped.unreachable === 80;
      });
    }
    const { unreachable } = path.counters().dropped;
    t.true(unreachable >= 140 && unreachable <= 200, `${unreachable} of 200`);
  });

  test(`${kind}: a receiver that moves gets every packet, at the old address or the new one`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using before = await PlainPeer.open();
    await using after = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    const packets = Array.from({ length: 200 }, (_, sequence) => rtpPacket({ ssrc: SSRC, sequence, payload: 500 }));
    const [staying, moved] = [before, after].map(({ address }) => ({
      routes: [routeOf(SSRC, upstream.address, [address])],
      sinks: [],
    }));
    if (staying === undefined || moved === undefined) throw new RangeError('Two tables were made.');
    relay.path.setTable(staying);
    for (let sent = 0; sent < packets.length; sent += IN_FLIGHT) {
      await upstream.send(relay.path.bound, ...packets.slice(sent, sent + IN_FLIGHT));
      // While those are under way.
      if (sent === IN_FLIGHT) relay.path.setTable(moved);
      await until(() => before.received.length + after.received.length >= sent + IN_FLIGHT);
    }
    const arrived = [...before.received, ...after.received].map(({ packet }) => packet);
    t.deepEqual(arrived, packets);
    t.true(before.received.length >= IN_FLIGHT && after.received.length >= packets.length - 2 * IN_FLIGHT);
  });
}
