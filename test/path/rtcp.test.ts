import test from 'ava';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtcpPacket, until } from './rig.ts';

for (const kind of KINDS) {
  test(`${kind}: RTCP from any address reaches the main program and is not forwarded`, async (t) => {
    await using anyone = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const report = rtcpPacket(0xabc);
    peer.path.setTable({ routes: [routeOf(0xabc, anyone.address, [receiver.address])], sinks: [] });
    await anyone.send(peer.path.bound, report);
    await until(() => peer.rtcp.length >= 1);
    t.deepEqual(peer.rtcp, [{ packet: report, from: anyone.address }]);
    t.like(peer.path.counters(), { sentPackets: 0, forwardedPackets: 0 });
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
