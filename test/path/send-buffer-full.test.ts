import test from 'ava';
import { CounterBlock } from '../../infra/path/counters.ts';
import { DgramMover, openSocket } from '../../infra/path/dgram.ts';
import { PacketLog } from '../../infra/path/kept/packet-log.ts';
import { Pace } from '../../infra/path/pace/pace.ts';
import { PathState } from '../../infra/path/state.ts';
import { LOOPBACK, PlainPeer, routeOf, rtpPacket } from './rig.ts';

const VIDEO = 1;
const AUDIO = 2;
const ONE_PACKET = 1200;

/** A mover whose kernel takes no more for as long as `queue.bytes` is above 0: the loopback interface itself is never full. */
async function moverWithQueue(receiver: PlainPeer) {
  const socket = await openSocket({ host: LOOPBACK, port: 0 });
  const queue = { bytes: 0 };
  socket.getSendQueueSize = () => queue.bytes;
  const state = new PathState();
  state.setTable({
    routes: [
      routeOf(VIDEO, null, [receiver.address, receiver.address]),
      routeOf(AUDIO, null, [receiver.address], { media: 'audio' }),
    ],
    sinks: [],
  });
  const counters = new CounterBlock();
  const ignore = () => undefined;
  const bound = { host: LOOPBACK, port: socket.address().port };
  const mover = new DgramMover(socket, {
    ...{ state, counters, bound, deliver: ignore, onRtcp: ignore, onStun: ignore, now: () => 0 },
    log: new PacketLog(),
    pace: new Pace(),
    forward: ignore,
  });
  const send = (ssrc: number, sequence: number) => {
    const stream = state.compiled.streams.get(ssrc);
    return stream !== undefined && mover.sendAlong(rtpPacket({ ssrc, sequence }), stream, false);
  };
  return { mover, counters, queue, send };
}

test('dgram: while the send buffer is full video is not taken, and audio waits its turn', async (t) => {
  await using receiver = await PlainPeer.open();
  const { mover, counters, queue, send } = await moverWithQueue(receiver);
  t.teardown(() => mover.close());
  t.true(send(VIDEO, 1));
  queue.bytes = ONE_PACKET;
  t.false(send(VIDEO, 2));
  t.true(send(AUDIO, 3));
  queue.bytes = 0;
  t.true(send(VIDEO, 4));
  const arrived = await receiver.take(3);
  t.deepEqual(
    arrived.map((packet) => packet.readUInt16BE(2)),
    [1, 3, 4],
  );
  t.is(counters.read('sendBufferFull'), 0);
});

test('dgram: audio does not wait behind more than a second of it', async (t) => {
  await using receiver = await PlainPeer.open();
  const { mover, queue, send } = await moverWithQueue(receiver);
  t.teardown(() => mover.close());
  queue.bytes = 128 * 1024;
  t.true(send(AUDIO, 1));
  queue.bytes += ONE_PACKET;
  t.false(send(AUDIO, 2));
  queue.bytes = 0;
  t.true(send(AUDIO, 3));
  const arrived = await receiver.take(2);
  t.deepEqual(
    arrived.map((packet) => packet.readUInt16BE(2)),
    [1, 3],
  );
});

test('dgram: of a resend only what finds room counts as sent', async (t) => {
  await using receiver = await PlainPeer.open();
  const { mover, counters, queue } = await moverWithQueue(receiver);
  t.teardown(() => mover.close());
  const packets = [1, 2].map((sequence) => rtpPacket({ ssrc: VIDEO, sequence }));
  t.is(mover.sendEach(packets, receiver.address, false), 2);
  queue.bytes = ONE_PACKET;
  t.is(mover.sendEach(packets, receiver.address, false), 0);
  t.is(counters.read('sendBufferFull'), 2);
  t.deepEqual(await receiver.take(2), packets);
});
