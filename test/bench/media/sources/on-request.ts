/**
 * A program that sends a key frame only at its start and on request: `on-request.ts PORT` sends VP8 to a UDP port and RTCP to the next
 * one, and takes picture loss indications (RFC 4585 section 6.3.1) where its RTCP comes from. Runs on a host of the lab.
 */
import { createSocket } from 'node:dgram';
import { readKeyFrameRequests } from '../../../../infra/rtcp/feedback.ts';
import { freshCname } from '../../../../infra/rtcp/source-description.ts';
import { CAMERA } from './formats.ts';
import { every } from './rhythm.ts';
import { RtpWriter } from './rtp-writer.ts';

const FRAME_MS = 1000 / 30;
/** About 1 Mbit/s in frames of which each key frame is ten times as large as another. */
const PACKETS = 3;
const KEY_PACKETS = 30;
const REPORT_MS = 1000;
/** All that fit into a datagram mean the same here. */
const MOST_REQUESTS = 8;

const [port = 0] = process.argv.slice(2).map(Number);
const [rtp, rtcp] = [createSocket('udp4'), createSocket('udp4')];
const video = new RtpWriter(CAMERA);
const cname = freshCname();
let wanted = true;

every(FRAME_MS, (_, dueMs) => {
  const frame = video.frame(dueMs, wanted ? KEY_PACKETS : PACKETS, wanted);
  wanted = false;
  for (const packet of frame) rtp.send(packet, port, '127.0.0.1');
});
every(REPORT_MS, () => rtcp.send(video.report(performance.now(), Date.now(), cname), port + 1, '127.0.0.1'));
rtcp.on('message', (datagram) => {
  wanted ||= readKeyFrameRequests(datagram, MOST_REQUESTS).some(({ ssrc }) => ssrc === video.ssrc);
});
