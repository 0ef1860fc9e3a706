import { EventEmitter, once } from 'node:events';
import test from 'ava';
import { PathUnderTest, PlainPeer, routeOf, rtcpPacket, rtpPacket, until } from './rig.ts';

const SSRC = 3;
const PACKETS = 400;

test('a path that is flooded from anywhere takes a thread for that', async (t) => {
  await using stranger = await PlainPeer.open();
  const kinds = new EventEmitter();
  await using flooded = await PathUnderTest.open(undefined, undefined, {
    floodedFromPps: 1,
    onKind: (kind, reason) => kinds.emit('kind', kind, reason),
  });
  const switched = once(kinds, 'kind');
  await stranger.send(flooded.path.bound, rtcpPacket(1), rtcpPacket(2));
  t.deepEqual(await switched, ['batched', null]);
  await stranger.send(flooded.path.bound, rtcpPacket(3));
  const { dropped } = flooded.path.counters();
  t.is(dropped.unknownAddress, 2);
  // The third is kept out by the kernel, where that is Linux.
  await until(() => {
    const { receivedPackets, kernelDrops } = flooded.path.counters();
    return receivedPackets + kernelDrops === 3;
  });
  t.deepEqual(flooded.rtcp, []);
});

test('a path that has much to forward takes a thread for it, and loses no packet by that', async (t) => {
  await using upstream = await PlainPeer.open();
  await using receiver = await PlainPeer.open();
  const kinds = new EventEmitter();
  await using relay = await PathUnderTest.open(undefined, undefined, {
    batchedFromPps: 1,
    onKind: (kind, reason) => kinds.emit('kind', kind, reason),
  });
  relay.path.setTable({
    routes: [routeOf(SSRC, upstream.address, [receiver.address])],
    sinks: [{ ssrc: SSRC, from: [upstream.address] }],
  });
  t.is(relay.path.kind, 'dgram');
  const switched = once(kinds, 'kind');
  let isSwitched = false;
  switched.then(() => {
    isSwitched = true;
  });
  let sent = 0;
  // On until the thread has had its share, each packet after the last has arrived.
  for (let after = 0; after < PACKETS; after += isSwitched ? 1 : 0) {
    await upstream.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: sent++ }));
    await receiver.take(sent);
  }
  t.deepEqual(await switched, ['batched', null]);
  t.is(relay.path.kind, 'batched');
  await until(() => relay.delivered.length === sent);
  t.deepEqual(
    relay.delivered.map(({ extendedSequence }) => extendedSequence),
    Array.from({ length: sent }, (_, index) => index),
  );
  t.is(relay.path.counters().receivedPackets, sent);
});
