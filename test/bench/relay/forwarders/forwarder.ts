/**
 * A forwarder of `npm run bench:relay`, in a process of its own: VARIANT UPSTREAM_PORT RECEIVER_PORT...
 * Prints the port it listens on when it is ready, and runs until it is killed. At SIGUSR2 it prints what it has in memory,
 * after collecting its garbage if it was started with --expose-gc.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { RtpPacket } from 'werift-rtp';
import { systemClock } from '../../../../actors/clock.ts';
import { Feedback } from '../../../../actors/media/feedback/feedback.ts';
import { LOOPBACK_HOST } from '../../../../infra/path/table/addresses.ts';
import { SOURCES, ssrcOf } from '../loads.ts';
import { openForwarder } from './open-forwarder.ts';

const [variant, upstreamPort, ...receiverPorts] = process.argv.slice(2);
const receivers = receiverPorts.map(Number);

/** Ours, with every check on: a route, a limit that is never reached, and its counters for each source. */
async function runPath(kind: 'batched' | 'dgram', withFeedback = false): Promise<number> {
  const path = await openForwarder(kind);
  const upstream = { host: LOOPBACK_HOST, port: Number(upstreamPort) };
  const legs = receivers.map((port) => ({ to: { host: LOOPBACK_HOST, port }, slices: 0xffff }));
  const routes = Array.from({ length: SOURCES }, (_, index) => ({
    ssrc: ssrcOf(index),
    upstream: [upstream],
    legs,
    limitBps: 1e12,
    media: 'video' as const,
  }));
  const places = [upstream, ...legs.map(({ to }) => to)];
  path.setTable({ routes, sinks: [], reporters: places });
  if (withFeedback) {
    const uplink = { sent: () => undefined, reported: () => undefined };
    const feedback = new Feedback({ path, clock: systemClock, ssrc: () => 1, uplink });
    const members = places.map((address, index) => ({ peer: `${index}`, address, from: [address], compatible: true }));
    feedback.follow({ members, paceBps: 0 });
  }
  return path.bound.port;
}

/** What a Node program does that knows nothing: one socket, and `forward` for each datagram. `sent` hears of each sent one. */
async function runSocket(forward: (packet: Buffer) => Buffer, sent?: () => void): Promise<number> {
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, found) => found(null, host, 4) });
  // With such a look-up the event comes before `bind` returns.
  const listening = once(socket, 'listening');
  socket.bind(0, LOOPBACK_HOST);
  await listening;
  socket.setRecvBufferSize(4 * 1024 * 1024);
  socket.on('message', (packet) => {
    const outgoing = forward(packet);
    for (const port of receivers) socket.send(outgoing, port, LOOPBACK_HOST, sent);
  });
  return socket.address().port;
}

function run(): Promise<number> {
  switch (variant) {
    case 'batched':
    case 'dgram':
      return runPath(variant);
    case 'batched-feedback':
      return runPath('batched', true);
    case 'dgram-feedback':
      return runPath('dgram', true);
    case 'dgram-bare':
      return runSocket((packet) => packet);
    case 'dgram-told':
      return runSocket(
        (packet) => packet,
        () => undefined,
      );
    case 'werift':
      return runSocket((packet) => RtpPacket.deSerialize(packet).serialize());
    default:
      throw new RangeError(`There is no forwarder called ${variant}.`);
  }
}

process.stdout.write(`${await run()}\n`);

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ heap: heapUsed + external, resident: rss })}\n`);
});
