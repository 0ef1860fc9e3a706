import test from 'ava';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtcpPacket, rtpPacket, until } from './rig.ts';

const SSRC = 0x0badcafe;

/** Datagrams that must be dropped, by the counter that must say so. */
const BAD = {
  tooShort: [
    Buffer.alloc(0),
    Buffer.alloc(1, 0x80),
    rtpPacket({ ssrc: SSRC, sequence: 1 }).subarray(0, 11),
    rtcpPacket(SSRC).subarray(0, 7),
    announcing(0x8f, 0),
    announcing(0x90, 0),
    announcing(0x90, 0xffff),
  ],
  tooLong: [
    rtpPacket({ ssrc: SSRC, sequence: 1, payload: 1489 }),
    rtpPacket({ ssrc: SSRC, sequence: 1, payload: 9000 }),
    rtpPacket({ ssrc: SSRC, sequence: 1, payload: 65_000 }),
  ],
  // With version 1 this is where TURN's ChannelData has its length, here more than there is.
  badVersion: [0, 1, 3].map((version) => rtpPacket({ ssrc: SSRC, sequence: 0x7000, version })),
  unknownSsrc: [rtpPacket({ ssrc: SSRC + 1, sequence: 1 }), rtpPacket({ ssrc: 0, sequence: 1 })],
};

/** A packet of 24 bytes with `first` as its first byte: contributing sources or an extension of `words` words. */
function announcing(first: number, words: number): Buffer {
  const packet = rtpPacket({ ssrc: SSRC, sequence: 1, payload: words === 0 && first === 0x90 ? 3 : 12 });
  packet.writeUInt8(first, 0);
  if (packet.length >= 16) packet.writeUInt16BE(words, 14);
  return packet;
}

for (const kind of KINDS) {
  test(`${kind}: what is no packet is dropped under its own reason, and the next good one passes`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({ routes: [routeOf(SSRC, upstream.address, [receiver.address])], sinks: [] });
    const bad = Object.values(BAD).flat();
    await upstream.send(relay.path.bound, ...bad);
    const good = [announcingWell(), rtpPacket({ ssrc: SSRC, sequence: 2, payload: 1488 })];
    await upstream.send(relay.path.bound, ...good);
    t.deepEqual(await receiver.take(2), good);
    const { dropped, receivedPackets } = relay.path.counters();
    t.is(receivedPackets, bad.length + good.length);
    t.like(dropped, Object.fromEntries(Object.entries(BAD).map(([reason, datagrams]) => [reason, datagrams.length])));
    t.deepEqual(relay.rtcp, []);
  });

  test(`${kind}: garbage at full rate is told from good packets one by one`, async (t) => {
    await using attacker = await PlainPeer.open();
    await using upstream = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({ routes: [routeOf(SSRC, upstream.address, [receiver.address])], sinks: [] });
    const garbage = Array.from({ length: 100 }, (_, index) => Buffer.alloc((index * 37) % 1500, index * 89));
    for (let round = 0; round < 50; round++) {
      await attacker.send(relay.path.bound, ...garbage);
      await upstream.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: round }));
    }
    const all = 50 * (garbage.length + 1);
    await until(() => relay.path.counters().receivedPackets + relay.path.counters().kernelDrops === all);
    const last = rtpPacket({ ssrc: SSRC, sequence: 50 });
    await upstream.send(relay.path.bound, last);
    await until(() => receiver.received.at(-1)?.packet.equals(last) ?? false);
    await until(() => {
      const { forwardedPackets, receivedPackets, dropped } = relay.path.counters();
      const refused = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      return forwardedPackets === receivedPackets - refused - relay.rtcp.length;
    });
    t.is(relay.path.counters().forwardedPackets, receiver.received.length);
  });
}

/** Two contributing sources and an extension of one word, all there. */
function announcingWell(): Buffer {
  const packet = rtpPacket({ ssrc: SSRC, sequence: 1, payload: 16 });
  packet.writeUInt8(0x92, 0);
  packet.writeUInt16BE(1, 22);
  return packet;
}
