/** A computer that is busy reads late what has come in time: it tells that it came, and not when. */
import test from 'ava';
import { Feedback } from '../../../actors/media/feedback/feedback.ts';
import type { NotedPacket } from '../../../infra/path/contract.ts';
import { readArrivalReports } from '../../../infra/rtcp/arrival-report.ts';

const SENDER = { host: '127.0.0.1', port: 5000 };
const SSRC = 7;

/** A receiver whose timers run when the test says so. */
function receiver() {
  let nowMs = 0;
  let due: { readonly atMs: number; readonly run: () => void } | null = null;
  let noted: NotedPacket[] = [];
  const reports: Uint8Array[] = [];
  const feedback = new Feedback({
    clock: {
      now: () => nowMs,
      after: (delayMs, run) => {
        due = { atMs: nowMs + delayMs, run };
        return () => {
          due = null;
        };
      },
    },
    path: {
      note: () => undefined,
      takeNoted: (take) => {
        for (const packet of noted) take(packet);
        noted = [];
      },
      sendTo: (datagram) => void reports.push(datagram),
    },
    ssrc: () => 1,
  });
  const members = [{ peer: 'S', address: SENDER, from: [SENDER], compatible: true }];
  feedback.follow({ members, paceBps: 10_000_000 });
  return {
    reads: (sequence: number, atMs: number) =>
      void noted.push({ what: 'arrived', place: SENDER, ssrc: SSRC, sequence, bytes: 1000, atMs }),
    /** The next timer runs, so many ms late. */
    runs: (lateMs: number) => {
      const timer = due;
      nowMs = (timer?.atMs ?? nowMs) + lateMs;
      timer?.run();
      return nowMs;
    },
    /** What was told last of each packet. */
    told: () => {
      const told = new Map<number, number | string>();
      for (const datagram of reports)
        for (const { streams } of readArrivalReports(datagram))
          for (const { first, arrivals } of streams)
            arrivals.forEach((arrival, index) => void told.set(first + index, arrival));
      return told;
    },
  };
}

for (const ranLateMs of [80, 12])
  test(`what is read while the process runs late by ${ranLateMs} ms, or first after it, came sometime`, (t) => {
    const { reads, runs, told } = receiver();
    const beganMs = runs(0);
    reads(1, beganMs + 5);
    runs(1);
    const lateMs = runs(ranLateMs);
    reads(2, lateMs - 5);
    reads(3, lateMs + 2);
    runs(0);
    const calmMs = runs(0);
    reads(4, calmMs + 5);
    for (let count = 0; count < 10; count += 1) runs(0);
    const kinds = [...told()].map(([sequence, arrival]) => [sequence, typeof arrival === 'number' ? 'then' : arrival]);
    t.deepEqual(kinds, [
      [1, 'then'],
      [2, 'came'],
      [3, 'came'],
      [4, 'then'],
    ]);
  });
