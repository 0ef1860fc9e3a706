/**
 * A player of voice and camera that keeps them together: `sync-recorder.ts PORT SECONDS` takes two streams on UDP ports two apart, the
 * RTCP of each at the next one, and tells as one line of JSON how far they are apart in so many seconds. Runs on a host of the lab.
 */
import { createSocket } from 'node:dgram';
import { readSenderReports } from '../../../../infra/rtcp/reception-report.ts';
import { readPayloadType, readSsrc, readTimestamp } from '../../../../infra/rtp/header.ts';
import { readCapture } from '../sources/capture-time.ts';
import { CAMERA, VOICE } from '../sources/formats.ts';
import { PLAYER_BUFFER_BYTES } from './buffer.ts';
import { momentOf, type Played, type Report, skewOf } from './skew.ts';

/** Of the compound that a peer sends for a stream. */
const MOST_REPORTS = 8;

const [port = 0, seconds = 0] = process.argv.slice(2).map(Number);
/** By SSRC. */
const reports = new Map<number, Report>();
const played: Played[] = [];
let firstMs: number | undefined;

for (const rtpPort of [port, port + 2]) {
  listen(rtpPort, play);
  listen(rtpPort + 1, (datagram) => {
    for (const { ssrc, unixMs, rtpTimestamp } of readSenderReports(datagram, MOST_REPORTS)) {
      reports.set(ssrc, { unixMs, rtpTimestamp });
    }
  });
}

function listen(at: number, take: (datagram: Buffer) => void): void {
  createSocket({ type: 'udp4', recvBufferSize: PLAYER_BUFFER_BYTES }).on('message', take).bind(at, '127.0.0.1');
}

function play(packet: Buffer): void {
  const nowMs = performance.now();
  firstMs ??= nowMs;
  const report = reports.get(readSsrc(packet));
  const of = readPayloadType(packet) === VOICE.payloadType ? 'voice' : 'camera';
  const { clockRate } = of === 'voice' ? VOICE : CAMERA;
  // Until the first report comes a player cannot tell.
  if (report !== undefined) {
    const momentMs = momentOf(readTimestamp(packet), report, clockRate);
    played.push({ of, momentMs, capturedMs: readCapture(packet) });
  }
  if (nowMs - firstMs < 1000 * seconds) return;
  process.stdout.write(`${JSON.stringify({ skewMs: skewOf(played) })}\n`, () => process.exit(0));
}
