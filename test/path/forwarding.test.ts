import test from 'ava';
import { KINDS, PathUnderTest, PlainPeer, rtpPacket, until } from './rig.ts';

const SSRC = 0xdeadbeef;
const EVERY_SLICE = 0xffff;

for (const kind of KINDS) {
  test(`${kind}: packets from the upstream reach every receiver byte for byte`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using first = await PlainPeer.open();
    await using second = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({
      routes: [
        {
          ssrc: SSRC,
          upstream: upstream.address,
          legs: [
            { to: first.address, slices: EVERY_SLICE },
            { to: second.address, slices: EVERY_SLICE },
          ],
          limitBps: null,
          media: 'video',
        },
      ],
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
      {
        receivedPackets: 4,
        sentPackets: 8,
        forwardedPackets: 8,
        sentBytes: 8 * 32,
      },
    );
    t.is(first.received[0]?.from.port, relay.path.bound.port);
  });

  test(`${kind}: a leg gets only the slices of its mask`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using even = await PlainPeer.open();
    await using odd = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({
      routes: [
        {
          ssrc: SSRC,
          upstream: upstream.address,
          legs: [
            { to: even.address, slices: 0x5555 },
            { to: odd.address, slices: 0xaaaa },
          ],
          limitBps: null,
          media: 'video',
        },
      ],
      sinks: [],
    });
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

  test(`${kind}: a packet both forwarded and played here is delivered once`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using other = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({
      routes: [
        {
          ssrc: SSRC,
          upstream: upstream.address,
          legs: [{ to: receiver.address, slices: EVERY_SLICE }],
          limitBps: null,
          media: 'video',
        },
      ],
      sinks: [{ ssrc: SSRC, from: [upstream.address, other.address] }],
    });
    const packet = rtpPacket({ ssrc: SSRC, sequence: 7 });
    await other.send(relay.path.bound, packet);
    await relay.received(1);
    await upstream.send(relay.path.bound, packet);
    t.deepEqual(await receiver.take(1), [packet]);
    await until(() => relay.path.counters().duplicatePackets === 1);
    t.deepEqual(relay.delivered, [{ packet, ssrc: SSRC, extendedSequence: 7, from: other.address }]);
  });
}
