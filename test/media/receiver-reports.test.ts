/** What members say of our streams: believed as far as it can be true, counted where it cannot, gone with the member. */
import test from 'ava';
import { PLAYER_STALE_MS, ReceiverReports } from '../../actors/media/reports/receiver-reports.ts';
import type { ReportBlock } from '../../infra/rtcp/reception-report.ts';

const CAMERA = { stream: 'camera', clockRate: 90_000, packets: 1000 };
const NOW = 0x0001_0000;
const HONEST: ReportBlock = {
  ...{ ssrc: 1, fractionLost: 64, packetsLost: 10, highestSequence: 1000, jitter: 900 },
  // A tenth of a second ago by NTP, of which it lay a fifth at the receiver.
  ...{ lastReport: NOW - 6554, delaySinceLastReport: 1311 },
};

function take(changes: Partial<ReportBlock> = {}, reports = new ReceiverReports()) {
  reports.take('B', { ...HONEST, ...changes }, CAMERA, NOW, 0);
  const [report] = reports.of('B', 0);
  return { reports, report, implausible: reports.implausibleOf('B') };
}

test('loss, jitter and the round trip are read', (t) => {
  const { report, implausible } = take();
  t.like(report, { stream: 'camera', loss: 0.25, packetsLost: 10, jitterMs: 10 });
  t.is(Math.round(report?.roundTripMs ?? 0), 80);
  t.is(implausible, 0);
});

test('who has had no report of ours has no round trip, and one within the rounding of clocks is none at all', (t) => {
  t.is(take({ lastReport: 0 }).report?.roundTripMs, null);
  const { report, implausible } = take({ lastReport: NOW - 100, delaySinceLastReport: 200 });
  t.is(report?.roundTripMs, 0);
  t.is(implausible, 0);
});

test('a jitter of ten seconds may just be true', (t) => {
  const { report, implausible } = take({ jitter: 900_000 });
  t.is(report?.jitterMs, 10_000);
  t.is(implausible, 0);
});

test('what cannot be true is cut or left out, and counted', (t) => {
  for (const lie of [
    { packetsLost: 0x7f_ffff },
    { jitter: 0xffff_ffff },
    { delaySinceLastReport: 0x0001_0000 },
    { lastReport: NOW - 0x0010_0000 },
  ]) {
    const { report, implausible } = take(lie, take().reports);
    t.is(implausible, 1, JSON.stringify(lie));
    t.true((report?.packetsLost ?? -1) <= 1000 && (report?.jitterMs ?? -1) <= 10_000);
    t.is(Math.round(report?.roundTripMs ?? 0), 80);
  }
});

test('copies are no negative loss', (t) => t.is(take({ packetsLost: -5 }).report?.packetsLost, 0));

test('a report is of now or of nobody', (t) => {
  const { reports } = take();
  t.is(reports.of('B', 4999).length, 1);
  t.is(reports.of('B', 5000).length, 0);
});

test('a player reports less often than a member does', (t) => {
  const { reports } = take({}, new ReceiverReports(PLAYER_STALE_MS));
  t.is(reports.of('B', PLAYER_STALE_MS - 1).length, 1);
  t.is(reports.of('B', PLAYER_STALE_MS).length, 0);
});

test('a member that is gone, and a stream that is, are forgotten with their counts', (t) => {
  const { reports } = take({ packetsLost: 5000 });
  reports.follow(['B'], new Set(['voice']));
  t.deepEqual(reports.of('B', 0), []);
  t.is(reports.implausibleOf('B'), 1);
  reports.follow(['C'], new Set(['camera']));
  t.is(reports.implausibleOf('B'), 0);
});
