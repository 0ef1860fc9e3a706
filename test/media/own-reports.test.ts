/** What sender reports say of the own streams. */
import test from 'ava';
import { OwnReports } from '../../actors/media/reports/own-reports.ts';
import { writeTimestamp } from '../../infra/rtp/write.ts';
import { rtpPacket } from '../path/rig.ts';

const CAMERA = 1;
const VOICE = 2;

function start() {
  const reports = new OwnReports();
  reports.follow(
    new Map([
      ['camera', { name: 'VP8', clockRate: 90_000 }],
      ['voice', { name: 'opus', clockRate: 48_000 }],
    ]),
  );
  const send = (stream: string, ssrc: number, timestamp: number, atMs: number) => {
    const packet = rtpPacket({ ssrc, sequence: 1, payload: 30 });
    writeTimestamp(packet, timestamp);
    reports.sent(stream, packet, atMs);
  };
  return { reports, send };
}

test('packets and bytes of payload are counted, anew under another SSRC', (t) => {
  const { reports, send } = start();
  t.is(reports.reportOf('camera', CAMERA, 0), undefined);
  send('camera', CAMERA, 0, 0);
  send('camera', CAMERA, 3600, 40);
  t.deepEqual(reports.reportOf('camera', CAMERA, 40), { ssrc: CAMERA, packets: 2, bytes: 60, rtpTimestamp: 3600 });
  t.is(reports.reportOf('camera', 77, 40), undefined);
  send('camera', 77, 7200, 80);
  t.like(reports.reportOf('camera', 77, 80), { ssrc: 77, packets: 1, bytes: 30 });
  send('voice', 0, 0, 80);
  t.like(reports.reportOf('voice', 0, 80), { ssrc: 0, packets: 1, bytes: 30 });
});

test('voice and camera of one program keep the places that it gives them, however late each comes here', (t) => {
  const { reports, send } = start();
  // The program's clock is at 70 s when ours is at 1 s. Its camera comes 400 ms late, its voice 30 ms.
  const ofProgram = (toldMs: number, unixMs: number, rtpTimestamp: number) => ({
    ...{ cname: 'studio', toldMs, unixMs, rtpTimestamp },
  });
  send('voice', VOICE, 0, 1030);
  send('camera', CAMERA, 0, 1400);
  reports.programTime('voice', ofProgram(1000, 70_000, 0));
  reports.programTime('camera', ofProgram(1010, 70_000, 0));
  const voiceMs = (reports.reportOf('voice', VOICE, 5000)?.rtpTimestamp ?? 0) / 48;
  const cameraMs = (reports.reportOf('camera', CAMERA, 5000)?.rtpTimestamp ?? 0) / 90;
  t.is(voiceMs, 4000);
  t.is(cameraMs, 4000);
  reports.programTime('camera', null);
  t.is(reports.reportOf('camera', CAMERA, 5000)?.rtpTimestamp, 90 * 3600);
});

test('a stream that ends is forgotten, and one that comes back begins anew, by the time of its codec', (t) => {
  const { reports, send } = start();
  send('camera', CAMERA, 90_000, 1000);
  send('voice', VOICE, 0, 1000);
  reports.follow(new Map([['voice', { name: 'opus', clockRate: 48_000 }]]));
  t.is(reports.packetsOf('camera'), 0);
  t.is(reports.reportOf('camera', CAMERA, 1000), undefined);
  t.is(reports.packetsOf('voice'), 1);
  reports.follow(
    new Map([
      ['camera', { name: 'H264', clockRate: 90_000 }],
      ['voice', { name: 'PCMU', clockRate: 8000 }],
    ]),
  );
  send('camera', CAMERA, 5, 9000);
  send('voice', VOICE, 5, 9000);
  t.deepEqual(reports.reportOf('camera', CAMERA, 9000), { ssrc: CAMERA, packets: 1, bytes: 30, rtpTimestamp: 5 });
  t.like(reports.reportOf('voice', VOICE, 10_000), { packets: 1, rtpTimestamp: 8005 });
});
