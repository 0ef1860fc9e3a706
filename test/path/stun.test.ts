import { EventEmitter, once } from 'node:events';
import test from 'ava';
import { CHECKS_AT_ONCE } from '../../infra/path/decision/reporters.ts';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtpPacket, stunMessage, until } from './rig.ts';

const SSRC = 0x57;

/** What looks like STUN and is none. */
const NO_STUN = [
  stunMessage().fill(0x50, 0, 1),
  stunMessage().fill(4, 0, 1),
  stunMessage().fill(0x22, 4, 5),
  stunMessage().fill(0x43, 7, 8),
  stunMessage().subarray(0, 20),
  Buffer.concat([stunMessage(), Buffer.alloc(4)]),
  withLength(Buffer.concat([stunMessage(), Buffer.alloc(2)])),
  stunMessage(0, 532),
  stunMessage().subarray(0, 16),
];

/** With a length field that is right. */
function withLength(message: Buffer): Buffer {
  message.writeUInt16BE(message.length - 20, 2);
  return message;
}

for (const kind of KINDS) {
  test(`${kind}: STUN of anybody reaches the main program, with the address that an answer goes to`, async (t) => {
    await using stranger = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const messages = [stunMessage(1), stunMessage(2, 528), stunMessage(3, 0).fill(1, 0, 1)];
    await stranger.send(peer.path.bound, ...messages);
    await until(() => peer.stun.length >= 3);
    t.deepEqual(
      peer.stun,
      messages.map((packet) => ({ packet, from: stranger.address, local: peer.path.bound.host })),
    );
    peer.path.sendTo(messages[0] ?? Buffer.alloc(0), stranger.address);
    t.deepEqual(await stranger.take(1), messages.slice(0, 1));
    t.deepEqual([peer.rtcp, peer.delivered], [[], []]);
  });

  test(`${kind}: on a socket of both families an address has the form that it is known by`, async (t) => {
    await using four = await PlainPeer.open('127.0.0.1');
    await using six = await PlainPeer.open('::1');
    await using peer = await PathUnderTest.open(kind, '::');
    const { port } = peer.path.bound;
    await four.send({ host: '127.0.0.1', port }, stunMessage(4));
    await six.send({ host: '::1', port }, stunMessage(6));
    await until(() => peer.stun.length >= 2);
    const known = kind === 'batched';
    t.deepEqual(peer.stun, [
      { packet: stunMessage(4), from: four.address, local: known ? '127.0.0.1' : null },
      { packet: stunMessage(6), from: six.address, local: known ? '::1' : null },
    ]);
  });

  test(`${kind}: what only looks like STUN is dropped as what it is`, async (t) => {
    await using stranger = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    await stranger.send(peer.path.bound, ...NO_STUN, stunMessage(1));
    await until(() => peer.stun.length >= 1);
    t.deepEqual(
      peer.stun.map(({ packet }) => packet),
      [stunMessage(1)],
    );
    t.is(peer.path.counters().dropped.badVersion, NO_STUN.length);
  });

  test(`${kind}: a flood of STUN is cut off, and those that the table names keep theirs`, async (t) => {
    await using flooder = await PlainPeer.open();
    await using member = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    // Time stands still: nothing is filled up.
    await using peer = await PathUnderTest.open(kind, undefined, { now: () => 0 });
    const routes = [routeOf(SSRC, member.address, [receiver.address])];
    peer.path.setTable({ routes, sinks: [], reporters: [member.address] });
    for (let number = 0; number < 500; number++) await flooder.send(peer.path.bound, stunMessage(number));
    const media = rtpPacket({ ssrc: SSRC, sequence: 1 });
    await member.send(peer.path.bound, stunMessage(1000), media);
    await until(() => peer.stun.some(({ from }) => from.port === member.address.port));
    t.deepEqual(await receiver.take(1), [media]);
    const refused = peer.path.counters().dropped.stunFlood;
    const taken = peer.stun.length - 1;
    t.is(taken + refused, 500);
    // The packet thread reads a clock of its own.
    if (kind === 'dgram') t.is(taken, CHECKS_AT_ONCE);
    else t.true(taken < 500);
  });
}

test('STUN goes on to the main program when a thread takes over', async (t) => {
  await using stranger = await PlainPeer.open();
  const kinds = new EventEmitter();
  await using peer = await PathUnderTest.open(undefined, undefined, {
    floodedFromPps: 1,
    onKind: (kind) => kinds.emit('kind', kind),
  });
  const switched = once(kinds, 'kind');
  await stranger.send(peer.path.bound, stunMessage(1));
  await switched;
  await stranger.send(peer.path.bound, stunMessage(2));
  await until(() => peer.stun.length >= 2);
  t.is(peer.path.kind, 'batched');
  t.deepEqual(peer.stun[1], { packet: stunMessage(2), from: stranger.address, local: peer.path.bound.host });
});
