/**
 * A program whose key frames are far larger than all else: `key-frames.ts PORT FRAME-MS KEY-EVERY KEY-PACKETS PACKETS` sends frames of
 * PACKETS packets of VP8 to a UDP port, and each so many frames one of KEY-PACKETS, all at once, as encoders do. Runs on a host of the
 * lab.
 */
import { createSocket } from 'node:dgram';
import { CAMERA } from './formats.ts';
import { every } from './rhythm.ts';
import { RtpWriter } from './rtp-writer.ts';

const [port = 0, frameMs = 0, keyEvery = 1, keyPackets = 0, packets = 0] = process.argv.slice(2).map(Number);
const socket = createSocket('udp4');
const video = new RtpWriter(CAMERA);
every(frameMs, (index, dueMs) => {
  const isKeyFrame = index % keyEvery === 0;
  const frame = video.frame(dueMs, isKeyFrame ? keyPackets : packets, isKeyFrame);
  for (const packet of frame) socket.send(packet, port, '127.0.0.1');
});
