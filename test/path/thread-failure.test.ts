import test from 'ava';
import type { PacketPath } from '../../infra/path/contract.ts';
import { openSocket } from '../../infra/path/dgram.ts';
import type { PathError } from '../../infra/path/errors.ts';
import { SwitchablePath } from '../../infra/path/switchable-path.ts';
import { LOOPBACK, PlainPeer, routeOf, rtpPacket, until } from './rig.ts';

const SSRC = 0xabcdef;
const DIES_ON_DUTY = new URL('./threads/dies-on-duty.js', import.meta.url);
const NEVER_STARTS = new URL('./threads/never-starts.js', import.meta.url);

async function openSwitchable() {
  const delivered: number[] = [];
  const kinds: [PacketPath['kind'], PathError | null][] = [];
  const listen = { host: LOOPBACK, port: 0 };
  const path = new SwitchablePath(await openSocket(listen), {
    listen,
    deliver: (_packet, _ssrc, extendedSequence) => delivered.push(extendedSequence),
    onRtcp: () => undefined,
    now: () => performance.now(),
    onKind: (kind, reason) => kinds.push([kind, reason]),
  });
  return { path, delivered, kinds, [Symbol.asyncDispose]: () => path.close() };
}

test('when the thread dies the call goes on over dgram, at the same port and with the same counters', async (t) => {
  await using upstream = await PlainPeer.open();
  await using receiver = await PlainPeer.open();
  await using peer = await openSwitchable();
  const { path, delivered, kinds } = peer;
  const { port } = path.bound;
  path.setTable({
    routes: [routeOf(SSRC, upstream.address, [receiver.address]), routeOf(1, null, [receiver.address])],
    sinks: [{ ssrc: SSRC, from: [upstream.address] }],
  });
  const packets = [1, 2, 3].map((sequence) => rtpPacket({ ssrc: SSRC, sequence }));
  await upstream.send(path.bound, ...packets.slice(0, 1));
  await receiver.take(1);
  await path.useBatched(DIES_ON_DUTY);
  // Nobody reads now: these wait in the kernel for whoever comes next.
  await upstream.send(path.bound, ...packets);
  t.deepEqual(await receiver.take(4), [packets[0], ...packets]);
  await until(() => kinds.length === 2);
  t.deepEqual(
    kinds.map(([kind, reason]) => [kind, reason?.code]),
    [
      ['batched', undefined],
      ['dgram', 'batched.stopped'],
    ],
  );
  t.regex(kinds[1]?.[1]?.message ?? '', /out of memory, say/);
  t.is(path.kind, 'dgram');
  t.is(path.bound.port, port);
  t.deepEqual(delivered, [1, 2, 3]);
  t.like(path.ssrcCounters(SSRC), { deliveredPackets: 3, duplicatePackets: 1 });
  const own = rtpPacket({ ssrc: 1, sequence: 9 });
  path.send(own);
  t.deepEqual((await receiver.take(5))[4], own);
});

test('the call goes back to a thread after one has died', async (t) => {
  await using upstream = await PlainPeer.open();
  await using receiver = await PlainPeer.open();
  await using peer = await openSwitchable();
  const { path, kinds } = peer;
  path.setTable({ routes: [routeOf(SSRC, upstream.address, [receiver.address])], sinks: [] });
  await path.useBatched(DIES_ON_DUTY);
  await until(() => kinds.length === 2);
  await path.useBatched();
  t.is(path.kind, 'batched');
  const packet = rtpPacket({ ssrc: SSRC, sequence: 1 });
  await upstream.send(path.bound, packet);
  t.deepEqual(await receiver.take(1), [packet]);
});

test('where the thread does not start, dgram is undisturbed', async (t) => {
  await using upstream = await PlainPeer.open();
  await using receiver = await PlainPeer.open();
  await using peer = await openSwitchable();
  const { path } = peer;
  path.setTable({ routes: [routeOf(SSRC, upstream.address, [receiver.address])], sinks: [] });
  await t.throwsAsync(path.useBatched(NEVER_STARTS), { code: 'batched.unavailable', message: /no such system call/ });
  t.is(path.kind, 'dgram');
  const packet = rtpPacket({ ssrc: SSRC, sequence: 1 });
  await upstream.send(path.bound, packet);
  t.deepEqual(await receiver.take(1), [packet]);
});
