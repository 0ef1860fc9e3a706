/** Sender reports while somebody sets the system's clock: neither of their two times steps. */
import test from 'ava';
import { Reporter } from '../../actors/media/reports/reporter.ts';
import { readSenderReports } from '../../infra/rtcp/reception-report.ts';
import { rtpPacket } from '../path/rig.ts';
import { addressedAt } from './transport-members.ts';

const CAMERA = 1;
const HOUR_MS = 3_600_000;
const AT = { host: '10.0.0.1', port: 5000 };

test.serial('both times of a report go on by what has really passed when the clock is set', (t) => {
  const reports: { readonly unixMs: number; readonly rtpTimestamp: number }[] = [];
  const reporter = new Reporter({
    sendTo: (datagram) => void reports.push(...readSenderReports(datagram, 1)),
    ssrcCounters: () => undefined,
  });
  const table = {
    own: [
      {
        stream: 'camera',
        ssrc: CAMERA,
        media: 'video' as const,
        codec: 'VP8/90000',
        rateBps: 0,
        holders: [],
        hops: [],
      },
    ],
    members: [addressedAt('B', AT)],
    ...{ relayed: [], relays: [], plain: 'local' as const, resendLimitBps: 0, paceBps: 0 },
  };
  const now = Date.now;
  t.teardown(() => {
    Date.now = now;
  });
  reporter.follow(table);
  reporter.sent('camera', rtpPacket({ ssrc: CAMERA, sequence: 1 }));
  reporter.toMembers(table);
  Date.now = () => now() + HOUR_MS;
  reporter.toMembers(table);
  Date.now = () => now() - HOUR_MS;
  reporter.toMembers(table);
  const [first, ...later] = reports;
  t.is(later.length, 2);
  for (const { unixMs, rtpTimestamp } of later) {
    const passedMs = unixMs - (first?.unixMs ?? 0);
    t.true(passedMs >= 0 && passedMs < HOUR_MS / 10);
    t.true(Math.abs((rtpTimestamp - (first?.rtpTimestamp ?? 0)) / 90 - passedMs) < 1);
  }
});
