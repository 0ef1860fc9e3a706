import test from 'ava';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtcpPacket, until } from './rig.ts';

for (const kind of KINDS) {
  test(`${kind}: RTCP of the table's reporters reaches the main program and is not forwarded`, async (t) => {
    await using member = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const report = rtcpPacket(0xabc);
    const routes = [routeOf(0xabc, member.address, [receiver.address])];
    peer.path.setTable({ routes, sinks: [], reporters: [member.address] });
    await member.send(peer.path.bound, report);
    await until(() => peer.rtcp.length >= 1);
    t.deepEqual(peer.rtcp, [{ packet: report, from: member.address }]);
    t.like(peer.path.counters(), { sentPackets: 0, forwardedPackets: 0 });
  });

  test(`${kind}: RTCP from elsewhere is dropped and counted, also from a route's address and from one that has left`, async (t) => {
    await using member = await PlainPeer.open();
    await using sender = await PlainPeer.open();
    await using stranger = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const routes = [routeOf(0xabc, sender.address, [sender.address])];
    peer.path.setTable({ routes, sinks: [], reporters: [member.address] });
    await stranger.send(peer.path.bound, rtcpPacket(1));
    await sender.send(peer.path.bound, rtcpPacket(2));
    await member.send(peer.path.bound, rtcpPacket(3));
    await peer.received(3);
    // A thread that forwards has taken it by then, and hands it over.
    await until(() => peer.rtcp.length === 1);
    peer.path.setTable({ routes, sinks: [], reporters: [] });
    await member.send(peer.path.bound, rtcpPacket(4));
    await peer.received(4);
    t.is(peer.path.counters().dropped.unknownAddress, 3);
    t.deepEqual(
      peer.rtcp.map(({ packet }) => packet),
      [rtcpPacket(3)],
    );
  });

  test(`${kind}: RTCP is sent as it is, to whom it is for`, async (t) => {
    await using receiver = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const report = rtcpPacket(0xabc);
    peer.path.sendTo(report, receiver.address);
    const expected = Buffer.from(report);
    report.fill(0);
    t.deepEqual(await receiver.take(1), [expected]);
  });
}
