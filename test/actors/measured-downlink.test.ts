/** The downlink of a process that runs late itself: what waits for the process waits on no line. */
import test from 'ava';
import { MeasuredDownlink } from '../../actors/downlink/measured-downlink.ts';
import { VirtualClock } from './virtual-clock.ts';

const AWAY_MS = 20;
const BUSY_MS = 80;
const DEMAND = { wantBps: 5e6, audioBps: 1e5 };

/**
 * A downlink is judged again and again, each time late by that; what two members report is read late, too.
 *
 * @returns what it takes for its queue, each time
 */
function queuesOf({ timerLateMs, reportsLateMs }: { timerLateMs: number; reportsLateMs: (round: number) => number }) {
  const clock = new VirtualClock();
  const downlink = new MeasuredDownlink({
    ...{ clock, passesLine: () => true, readCame: () => undefined, onLimit: () => undefined },
    demand: () => DEMAND,
  });
  downlink.start();
  return Array.from({ length: 100 }, (_, round) => {
    clock.advance(99);
    clock.stall(1 + timerLateMs);
    const atMs = clock.now();
    for (const from of ['A', 'B']) downlink.written({ from, writtenAtMs: atMs - AWAY_MS - reportsLateMs(round), atMs });
    clock.advance(0);
    return downlink.state.queueMs;
  });
}

const soon = (round: number) => (round < 30 ? 0 : BUSY_MS);

test('what two members report late, while our own timers run in time, has waited on the line', (t) => {
  t.true(Math.max(...queuesOf({ timerLateMs: 0, reportsLateMs: soon })) > BUSY_MS - 5);
});

test('what our own timers are late by is taken off', (t) => {
  t.true(Math.max(...queuesOf({ timerLateMs: BUSY_MS, reportsLateMs: soon })) < 5);
});
