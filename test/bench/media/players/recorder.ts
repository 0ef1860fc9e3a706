/**
 * A player that shows nothing: `recorder.ts PORT SECONDS FRAME-TICKS` takes RTP on a UDP port, and tells as one line of JSON what came
 * in so many seconds, once the call has settled. Runs on a host of the lab.
 */
import { createSocket } from 'node:dgram';
import { readMarker, readSequence, readTimestamp } from '../../../../infra/rtp/header.ts';
import { extendSequence } from '../../../../infra/rtp/sequence.ts';
import { PLAYER_BUFFER_BYTES } from './buffer.ts';
import { deliveryOf, type Seen } from './whole-frames.ts';

/** From the first packet on: ways are being changed, and measured for the first time. */
const SETTLING_MS = 4000;

const [port = 0, seconds = 0, frameTicks = 1] = process.argv.slice(2).map(Number);
const seen: Seen[] = [];
let firstMs: number | undefined;
let newest: Seen | undefined;

const socket = createSocket({ type: 'udp4', recvBufferSize: PLAYER_BUFFER_BYTES });
socket.bind(port, '127.0.0.1');
socket.on('message', (packet) => {
  const nowMs = performance.now();
  firstMs ??= nowMs;
  const timestamp = readTimestamp(packet);
  newest = {
    sequence: newest === undefined ? readSequence(packet) : extendSequence(newest.sequence, readSequence(packet)),
    timestamp: newest === undefined ? timestamp : newest.timestamp + ((timestamp - newest.timestamp) | 0),
    marker: readMarker(packet),
  };
  if (nowMs - firstMs < SETTLING_MS) return;
  seen.push(newest);
  if (nowMs - firstMs < SETTLING_MS + 1000 * seconds) return;
  process.stdout.write(`${JSON.stringify(deliveryOf(seen, frameTicks))}\n`, () => process.exit(0));
});
