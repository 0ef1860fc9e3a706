import { EventEmitter, once } from 'node:events';
import test from 'ava';
import { strangerProgram } from '../../infra/path/batched/stranger-program.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { LOOPBACK, PathUnderTest, PlainPeer, rtcpPacket, rtpPacket, stunMessage, until } from './rig.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;
const SSRC = 31;

/** Addresses of nobody, to be looked through before those that matter. */
function others(count: number): Endpoint[] {
  return Array.from({ length: count }, (_, index) => [
    { host: `192.0.2.${index}`, port: 5000 + index },
    { host: `2001:db8::${index}`, port: 5000 + index },
  ]).flat();
}

/** A path that has been flooded, so that the kernel holds strangers off. */
async function flooded(host: string, by: PlainPeer, at: string): Promise<PathUnderTest> {
  const kinds = new EventEmitter();
  const peer = await PathUnderTest.open(undefined, host, { floodedFromPps: 1, onKind: () => kinds.emit('kind') });
  const switched = once(kinds, 'kind');
  await by.send({ host: at, port: peer.path.bound.port }, rtcpPacket(1));
  await switched;
  return peer;
}

for (const [host, at] of [
  [LOOPBACK, LOOPBACK],
  ['::', LOOPBACK],
  ['::', '::1'],
] as const) {
  onLinux(`on ${host}, flooded at ${at}: of strangers only STUN takes room in the receive buffer`, async (t) => {
    await using stranger = await PlainPeer.open(at);
    await using source = await PlainPeer.open(at);
    await using reporter = await PlainPeer.open(at);
    await using peer = await flooded(host, stranger, at);
    const to = { host: at, port: peer.path.bound.port };
    const sinks = [{ ssrc: SSRC, from: [source.address] }];
    const reporters = [...others(60), reporter.address];
    peer.path.setTable({ routes: [], sinks, reporters });
    const before = peer.path.counters();
    await stranger.send(
      to,
      rtcpPacket(2),
      rtpPacket({ ssrc: SSRC, sequence: 1 }),
      Buffer.from([64, 0, 0, 0]),
      stunMessage(1),
    );
    await source.send(to, rtpPacket({ ssrc: SSRC, sequence: 2 }), stunMessage(2));
    await reporter.send(to, rtcpPacket(3), stunMessage(3));
    await until(() => peer.stun.length === 3 && peer.rtcp.length === 1 && peer.delivered.length === 1);
    const after = peer.path.counters();
    t.is(after.kernelDrops - before.kernelDrops, 3);
    t.is(after.receivedPackets - before.receivedPackets, 5);
    t.is(peer.delivered[0]?.extendedSequence, 2);
    peer.path.setTable({ routes: [], sinks, reporters: [...reporters, stranger.address] });
    await stranger.send(to, rtcpPacket(4));
    await until(() => peer.rtcp.length === 2);
    t.deepEqual(peer.rtcp[1], { packet: rtcpPacket(4), from: stranger.address });
  });
}

onLinux('with more members than the kernel looks through nobody is kept out, until there are fewer', async (t) => {
  await using stranger = await PlainPeer.open();
  await using peer = await flooded(LOOPBACK, stranger, LOOPBACK);
  const many = Array.from({ length: 250 }, (_, index) => ({ host: '192.0.2.1', port: 1 + index }));
  t.is(strangerProgram(many), null);
  const before = peer.path.counters();
  peer.path.setTable({ routes: [], sinks: [], reporters: many });
  await stranger.send(peer.path.bound, rtcpPacket(1));
  await until(() => peer.path.counters().receivedPackets > before.receivedPackets);
  t.is(peer.path.counters().kernelDrops, before.kernelDrops);
  peer.path.setTable({ routes: [], sinks: [], reporters: many.slice(0, 200) });
  await stranger.send(peer.path.bound, rtcpPacket(2));
  await until(() => peer.path.counters().kernelDrops > before.kernelDrops);
});
