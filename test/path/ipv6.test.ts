import test from 'ava';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtcpPacket, rtpPacket, until } from './rig.ts';

const SSRC = 6;

for (const kind of KINDS) {
  test(`${kind}: packets travel over IPv6 as over IPv4`, async (t) => {
    await using upstream = await PlainPeer.open('::1');
    await using receiver = await PlainPeer.open('::1');
    await using relay = await PathUnderTest.open(kind, '::1');
    relay.path.setTable({
      routes: [routeOf(SSRC, upstream.address, [receiver.address])],
      sinks: [{ ssrc: SSRC, from: [upstream.address] }],
    });
    const packets = [1, 2, 3].map((sequence) => rtpPacket({ ssrc: SSRC, sequence }));
    await upstream.send(relay.path.bound, ...packets);
    t.deepEqual(await receiver.take(3), packets);
    await until(() => relay.delivered.length === 3);
    t.deepEqual(relay.delivered[0]?.from, upstream.address);
    t.deepEqual([...(relay.path.ssrcCounters(SSRC)?.byUpstream.keys() ?? [])], [`[::1]:${upstream.address.port}`]);
  });

  test(`${kind}: one socket serves receivers of both families`, async (t) => {
    await using upstream = await PlainPeer.open('127.0.0.1');
    await using six = await PlainPeer.open('::1');
    await using four = await PlainPeer.open('127.0.0.1');
    await using relay = await PathUnderTest.open(kind, '::');
    relay.path.setTable({
      routes: [
        routeOf(SSRC, upstream.address, [six.address, four.address]),
        routeOf(7, null, [six.address, four.address]),
      ],
      sinks: [],
      reporters: [upstream.address],
    });
    const forwarded = rtpPacket({ ssrc: SSRC, sequence: 1 });
    const own = rtpPacket({ ssrc: 7, sequence: 1 });
    const report = rtcpPacket(7);
    const at = { host: '127.0.0.1', port: relay.path.bound.port };
    await upstream.send(at, forwarded);
    await six.take(1);
    await four.take(1);
    relay.path.send(own);
    relay.path.sendTo(report, four.address);
    t.deepEqual(await six.take(2), [forwarded, own]);
    t.deepEqual(await four.take(3), [forwarded, own, report]);
    await upstream.send(at, report);
    await until(() => relay.rtcp.length === 1);
    t.deepEqual(relay.rtcp[0]?.from, upstream.address);
  });
}
