/**
 * A program with a voice and a camera of one clock: `voice-and-camera.ts VOICE-PORT CAMERA-PORT` sends Opus and VP8 to UDP ports, to
 * the next ones its sender reports under one CNAME, and in each packet when it was recorded. Runs on a host of the lab.
 */
import { createSocket } from 'node:dgram';
import { freshCname } from '../../../../infra/rtcp/source-description.ts';
import { writeCapture } from './capture-time.ts';
import { CAMERA, VOICE } from './formats.ts';
import { every } from './rhythm.ts';
import { RtpWriter } from './rtp-writer.ts';

const [voicePort = 0, cameraPort = 0] = process.argv.slice(2).map(Number);
/** A packet of Opus as most programs make it: 20 ms at 64 kbit/s. */
const VOICE_MS = 20;
const VOICE_BYTES = 172;
const FRAME_MS = 1000 / 30;
const KEY_EVERY = 60;
/** About 0.9 Mbit/s. */
const PACKETS = 2;
const KEY_PACKETS = 40;
/** An encoder of pictures holds them longer than one of sound: whoever goes by when packets come has them apart by the difference. */
const VOICE_DELAY_MS = 20;
const CAMERA_DELAY_MS = 100;
/** The shortest interval that RFC 3550 section 6.2 has for all. */
const REPORT_MS = 5000;

const socket = createSocket('udp4');
const cname = freshCname();
const [voice, camera] = [new RtpWriter(VOICE), new RtpWriter(CAMERA)];

every(VOICE_MS, (_, nowMs) => {
  const capturedMs = nowMs - VOICE_DELAY_MS;
  send([voice.packet(capturedMs, VOICE_BYTES, false)], capturedMs, voicePort);
});
every(FRAME_MS, (index, nowMs) => {
  const isKeyFrame = index % KEY_EVERY === 0;
  const capturedMs = nowMs - CAMERA_DELAY_MS;
  send(camera.frame(capturedMs, isKeyFrame ? KEY_PACKETS : PACKETS, isKeyFrame), capturedMs, cameraPort);
});
every(REPORT_MS, () => {
  const [nowMs, unixMs] = [performance.now(), Date.now()];
  socket.send(voice.report(nowMs, unixMs, cname), voicePort + 1, '127.0.0.1');
  socket.send(camera.report(nowMs, unixMs, cname), cameraPort + 1, '127.0.0.1');
});

function send(packets: readonly Buffer[], capturedMs: number, port: number): void {
  for (const packet of packets) {
    writeCapture(packet, capturedMs);
    socket.send(packet, port, '127.0.0.1');
  }
}
