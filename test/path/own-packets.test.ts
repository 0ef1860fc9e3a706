import test from 'ava';
import { readSequence } from '../../infra/rtp/header.ts';
import { KINDS, LOOPBACK, PathUnderTest, PlainPeer, routeOf, rtpPacket, until } from './rig.ts';

const SSRC = 0x90000001;

for (const kind of KINDS) {
  test(`${kind}: an own packet goes to the receivers of its slice, whatever becomes of the caller's bytes`, async (t) => {
    await using all = await PlainPeer.open();
    await using odd = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const legs = [
      { to: all.address, slices: 0xffff },
      { to: odd.address, slices: 0xaaaa },
    ];
    peer.path.setTable({ routes: [routeOf(SSRC, null, [], { legs })], sinks: [] });
    const packets = [65534, 65535, 0, 1].map((sequence) => rtpPacket({ ssrc: SSRC, sequence }));
    for (const packet of packets) {
      const scratch = Buffer.from(packet);
      peer.path.send(scratch);
      scratch.fill(0xff);
    }
    t.deepEqual(await all.take(4), packets);
    t.deepEqual(
      await odd.take(2),
      packets.filter((packet) => packet.readUInt16BE(2) % 2 === 1),
    );
    t.is(peer.path.sentSequence(SSRC), 65537);
    t.is(peer.path.sentSequence(1), undefined);
    await until(() => peer.path.counters().sentPackets >= 6);
    t.like(peer.path.counters(), { sentPackets: 6, sentBytes: 6 * 32, forwardedPackets: 0 });
    t.is(peer.path.sentTo(all.address), 4 * 32);
    t.is(peer.path.sentTo(odd.address), 2 * 32);
    // RTCP goes by no route.
    peer.path.sendTo(Buffer.alloc(8), all.address);
    await until(() => peer.path.counters().sentPackets >= 7);
    t.is(peer.path.sentTo(all.address), 4 * 32);
    t.is(peer.path.sentTo({ host: '127.0.0.1', port: 1 }), 0);
  });

  test(`${kind}: who asks is told of each own packet when its turn at the uplink has come, and of none that is dropped`, async (t) => {
    const left: number[] = [];
    let nowMs = 1000;
    await using receiver = await PlainPeer.open();
    await using listener = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind, LOOPBACK, {
      now: () => nowMs,
      onLeft: (packet, ssrc) => left.push(ssrc, readSequence(packet)),
    });
    const clear = { legs: [{ to: listener.address, slices: 0xffff }], limitBps: null };
    peer.path.setTable({ routes: [routeOf(SSRC, null, [receiver.address], { clear })], sinks: [] });
    const packet = rtpPacket({ ssrc: SSRC, sequence: 1 });
    peer.path.send(packet, packet);
    t.deepEqual(left, [SSRC, 1]);
    peer.path.send(rtpPacket({ ssrc: SSRC + 1, sequence: 1 }));
    // A packet takes 50 ms.
    peer.path.setPace(8 * packet.length * 20);
    peer.path.send(rtpPacket({ ssrc: SSRC, sequence: 2 }));
    peer.path.send(rtpPacket({ ssrc: SSRC, sequence: 3 }));
    t.deepEqual(left, [SSRC, 1, SSRC, 2], 'what waits has not left');
    nowMs += 50;
    await receiver.take(3);
    t.deepEqual(left, [SSRC, 1, SSRC, 2, SSRC, 3]);
  });

  test(`${kind}: what is no packet of an own source is not sent, and counted`, async (t) => {
    await using receiver = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    peer.path.setTable({
      routes: [routeOf(SSRC, null, [receiver.address]), routeOf(7, receiver.address, [receiver.address])],
      sinks: [],
    });
    peer.path.send(rtpPacket({ ssrc: 7, sequence: 1 }));
    peer.path.send(rtpPacket({ ssrc: 8, sequence: 1 }));
    peer.path.send(rtpPacket({ ssrc: SSRC, sequence: 1 }).subarray(0, 11));
    peer.path.send(rtpPacket({ ssrc: SSRC, sequence: 1, version: 1 }));
    peer.path.send(rtpPacket({ ssrc: SSRC, sequence: 1, payload: 1489 }));
    const good = rtpPacket({ ssrc: SSRC, sequence: 2 });
    peer.path.send(good);
    t.deepEqual(await receiver.take(1), [good]);
    t.like(peer.path.counters().dropped, { unknownSsrc: 2, tooShort: 1, badVersion: 1, tooLong: 1 });
  });

  test(`${kind}: stored packets are sent again from where a receiver lost the thread`, async (t) => {
    await using receiver = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    peer.path.setTable({ routes: [routeOf(SSRC, null, [])], sinks: [] });
    const packets = Array.from({ length: 100 }, (_, index) => rtpPacket({ ssrc: SSRC, sequence: 65500 + index }));
    for (const packet of packets) peer.path.send(packet);
    const resend = (ssrc: number, afterSequence: number, slices: number) =>
      peer.path
        .storedAfter(ssrc, afterSequence, slices)
        .map((sequence) => peer.path.resend(ssrc, sequence, receiver.address));
    t.deepEqual(resend(SSRC, 65500 + 3 * 65536, 0xffff), Array<number>(99).fill(32));
    t.deepEqual(await receiver.take(99), packets.slice(1));
    t.deepEqual(resend(SSRC, 65599, 0xffff), []);
    t.deepEqual(resend(SSRC, 65595, 0x0001), []);
    t.deepEqual(resend(SSRC, 65583, 0x0001), [32]);
    t.deepEqual(resend(1, 0, 0xffff), []);
    t.is(peer.path.resend(SSRC, 65600 & 0xffff, receiver.address), 0);
    t.is(peer.path.resend(1, 0, receiver.address), 0);
    t.deepEqual((await receiver.take(100))[99], packets[84]);
  });

  test(`${kind}: a stored packet is found by its sequence number for a second`, async (t) => {
    let nowMs = 0;
    await using peer = await PathUnderTest.open(kind, undefined, { now: () => nowMs });
    peer.path.setTable({ routes: [routeOf(SSRC, null, [])], sinks: [] });
    const packet = rtpPacket({ ssrc: SSRC, sequence: 40_000 });
    peer.path.send(packet);
    nowMs = 1000;
    t.deepEqual(Buffer.from(peer.path.stored(SSRC, 40_000) ?? []), packet);
    t.is(peer.path.stored(SSRC, 40_001), undefined);
    nowMs = 1001;
    t.is(peer.path.stored(SSRC, 40_000), undefined);
    t.is(peer.path.stored(1, 40_000), undefined);
  });
}
