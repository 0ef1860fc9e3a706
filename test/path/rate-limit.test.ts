import test from 'ava';
import { BURST_MS } from '../../infra/path/decision/token-bucket.ts';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtpPacket, until } from './rig.ts';

const LIMITED = 1;
const FREE = 2;

for (const kind of KINDS) {
  test(`${kind}: an upstream above its limit is held to it, and others are not`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    const limitBps = 160_000;
    relay.path.setTable({
      routes: [
        routeOf(LIMITED, upstream.address, [receiver.address], { limitBps }),
        routeOf(FREE, upstream.address, [receiver.address]),
      ],
      sinks: [{ ssrc: LIMITED, from: [upstream.address] }],
    });
    // Of 12,000 bit each.
    const burst = (BURST_MS * limitBps) / 1000 / 12_000;
    const flood = Array.from({ length: 3 * burst }, (_, sequence) =>
      rtpPacket({ ssrc: LIMITED, sequence, payload: 1488 }),
    );
    const startedAt = performance.now();
    await upstream.send(relay.path.bound, ...flood);
    await relay.received(flood.length);
    const mostLater = ((performance.now() - startedAt) * limitBps) / 1000 / 12_000;
    const last = rtpPacket({ ssrc: FREE, sequence: 1 });
    await upstream.send(relay.path.bound, last);
    await until(() => receiver.received.some(({ packet }) => packet.equals(last)));
    const passed = receiver.received.length - 1;
    t.true(passed >= burst && passed <= burst + Math.ceil(mostLater), `${passed} passed`);
    t.is(relay.path.counters().dropped.overLimit, flood.length - passed);
    await until(() => relay.delivered.length === flood.length);
  });
}

for (const kind of KINDS) {
  test(`${kind}: an own stream above its rate loses what is too much here, and counts it`, async (t) => {
    await using receiver = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const limitBps = 160_000;
    peer.path.setTable({
      routes: [routeOf(LIMITED, null, [receiver.address, receiver.address], { limitBps })],
      sinks: [],
    });
    const burst = (BURST_MS * limitBps) / 1000 / 12_000;
    const startedAt = performance.now();
    for (let sequence = 0; sequence < 3 * burst; sequence += 1)
      peer.path.send(rtpPacket({ ssrc: LIMITED, sequence, payload: 1488 }));
    const mostLater = Math.ceil(((performance.now() - startedAt) * limitBps) / 1000 / 12_000);
    const lost = peer.path.counters().dropped.aboveRate;
    t.true(lost <= 2 * burst && lost >= 2 * burst - mostLater, `${lost} lost`);
    await receiver.take(3 * burst - lost);
  });
}
