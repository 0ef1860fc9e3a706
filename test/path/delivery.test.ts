import test from 'ava';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtpPacket, until } from './rig.ts';

const SSRC = 0xfeed0001;

for (const kind of KINDS) {
  test(`${kind}: a packet that comes over two ways is delivered once`, async (t) => {
    await using direct = await PlainPeer.open();
    await using relay = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    peer.path.setTable({ routes: [], sinks: [{ ssrc: SSRC, from: [direct.address, relay.address] }] });
    const [one, two] = [rtpPacket({ ssrc: SSRC, sequence: 65535 }), rtpPacket({ ssrc: SSRC, sequence: 0 })];
    await direct.send(peer.path.bound, one);
    await peer.received(1);
    await relay.send(peer.path.bound, one, two);
    await until(() => peer.delivered.length >= 2);
    t.deepEqual(peer.delivered, [
      { packet: one, ssrc: SSRC, extendedSequence: 65535, from: direct.address },
      { packet: two, ssrc: SSRC, extendedSequence: 65536, from: relay.address },
    ]);
    t.is(peer.path.counters().duplicatePackets, 1);
    const counted = peer.path.ssrcCounters(SSRC);
    t.like(counted, { firstSequence: 65535, highestSequence: 65536, deliveredPackets: 2, deliveredBytes: 64 });
    t.is(counted?.duplicatePackets, 1);
    t.deepEqual(
      [...(counted?.byUpstream ?? [])].map(([key, { packets }]) => [key, packets]),
      [
        [`127.0.0.1:${direct.address.port}`, 1],
        [`127.0.0.1:${relay.address.port}`, 2],
      ],
    );
  });

  test(`${kind}: a packet both forwarded and played here is delivered once and forwarded each time`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using other = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({
      routes: [routeOf(SSRC, upstream.address, [receiver.address])],
      sinks: [{ ssrc: SSRC, from: [upstream.address, other.address] }],
    });
    const [first, second] = [rtpPacket({ ssrc: SSRC, sequence: 7 }), rtpPacket({ ssrc: SSRC, sequence: 8 })];
    await other.send(relay.path.bound, first);
    await relay.received(1);
    await upstream.send(relay.path.bound, first, first, second);
    t.deepEqual(await receiver.take(3), [first, first, second]);
    await until(() => relay.delivered.length >= 2);
    t.deepEqual(
      relay.delivered.map(({ extendedSequence }) => extendedSequence),
      [7, 8],
    );
    t.is(relay.path.counters().duplicatePackets, 2);
  });

  test(`${kind}: a packet of a known source from another address is dropped and counted`, async (t) => {
    await using sender = await PlainPeer.open();
    await using stranger = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    peer.path.setTable({ routes: [], sinks: [{ ssrc: SSRC, from: [sender.address] }] });
    await stranger.send(peer.path.bound, rtpPacket({ ssrc: SSRC, sequence: 1 }));
    await peer.received(1);
    await sender.send(peer.path.bound, rtpPacket({ ssrc: SSRC, sequence: 2 }));
    await until(() => peer.delivered.length >= 1);
    t.deepEqual(
      peer.delivered.map(({ extendedSequence }) => extendedSequence),
      [2],
    );
    t.is(peer.path.counters().dropped.unknownAddress, 1);
  });

  test(`${kind}: what was delivered and counted stays so when the table changes`, async (t) => {
    await using before = await PlainPeer.open();
    await using after = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const packets = [1, 2, 3].map((sequence) => rtpPacket({ ssrc: SSRC, sequence }));
    peer.path.setTable({ routes: [], sinks: [{ ssrc: SSRC, from: [before.address] }] });
    await before.send(peer.path.bound, ...packets.slice(0, 2));
    await peer.received(2);
    peer.path.setTable({ routes: [], sinks: [{ ssrc: SSRC, from: [after.address] }] });
    await after.send(peer.path.bound, ...packets);
    await until(() => peer.delivered.length >= 3);
    t.deepEqual(
      peer.delivered.map(({ packet }) => packet),
      packets,
    );
    t.like(peer.path.ssrcCounters(SSRC), { deliveredPackets: 3, duplicatePackets: 2 });
  });
}
