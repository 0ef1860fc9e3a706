/** The controller with its senses and its hands, on a line of a known rate. */
import test from 'ava';
import { MeasuredUplink } from '../../../actors/uplink/measured-uplink.ts';
import { VirtualClock } from '../virtual-clock.ts';

const LINE_BPS = 3_000_000;
const DELAY_MS = 20;
const REPORT_MS = 50;
const HEADER_BYTES = 28;
const LEGS = ['B', 'C'];

interface OnLine {
  readonly leg: string;
  readonly ssrc: number;
  readonly seq: number;
  readonly arrivedAtMs: number;
}

/** Padding goes into a line that takes one packet after the other, and both receivers report what has come. */
function open({ capBps, local, nearBps = 0 }: { capBps?: number; local?: string; nearBps?: number } = {}) {
  const clock = new VirtualClock(1000);
  const budgets: (number | undefined)[] = [];
  const near: number[] = [];
  let line = 0;
  const paces: number[] = [];
  let freeAtMs = 0;
  let onLine: OnLine[] = [];
  const path = {
    sentBytes: 0,
    setPace: (bps: number) => void paces.push(bps),
    sendPadding: (ssrc: number, seq: number, bytes: number, { port }: { port: number }) => {
      const leg = LEGS[port - 1] ?? '';
      const nowMs = clock.now();
      path.sentBytes += bytes;
      freeAtMs = Math.max(freeAtMs, nowMs) + (8000 * (bytes + HEADER_BYTES)) / LINE_BPS;
      onLine.push({ leg, ssrc, seq, arrivedAtMs: freeAtMs + DELAY_MS });
      uplink.sent([{ leg, ssrc, seq, bytes: bytes + HEADER_BYTES, sentAtMs: nowMs, resent: false }]);
      return true;
    },
  };
  const demand = { legs: LEGS, wantBps: 20_000_000, audioBps: 0, capBps };
  const uplink = new MeasuredUplink({
    clock,
    path,
    ssrc: 1,
    placeOf: (peer) => ({ host: '192.0.2.1', port: LEGS.indexOf(peer) + 1 }),
    demand: () => demand,
    passesLine: (peer) => peer !== local,
    line: () => line,
    nearBps: () => nearBps,
    readSent: () => undefined,
    onBudget: (budget) => {
      budgets.push(budget.line?.bps);
      near.push(budget.nearBps);
    },
    onNarrow: () => undefined,
  });
  uplink.start();
  const report = () => {
    const nowMs = clock.now();
    const arrived = onLine.filter(({ arrivedAtMs }) => arrivedAtMs <= nowMs);
    onLine = onLine.filter(({ arrivedAtMs }) => arrivedAtMs > nowMs);
    for (const leg of LEGS) {
      const packets = arrived.filter((packet) => packet.leg === leg);
      if (packets.length > 0) uplink.reported({ leg, atMs: nowMs, reportedAtMs: nowMs, packets });
    }
    clock.after(REPORT_MS, report);
  };
  clock.after(REPORT_MS, report);
  const moves = () => {
    line += 1;
  };
  return { clock, uplink, budgets, near, paces, path, moves };
}

test('the line is found with padding alone, the room is told, and packets leave at its pace', (t) => {
  const { clock, uplink, budgets, paces } = open();
  clock.advance(3000);
  const { capacityBps = 0, limitedBy } = uplink.state;
  t.true(Math.abs(capacityBps - LINE_BPS) < 0.15 * LINE_BPS, `${capacityBps}`);
  t.is(limitedBy, 'line');
  const newest = budgets.at(-1) ?? 0;
  t.true(newest > 0.75 * LINE_BPS && newest < LINE_BPS, `${newest}`);
  t.true(budgets.length < 8, 'plans are not told of every breath');
  t.true((paces.at(-1) ?? 0) >= newest);
});

test('nothing is sent and nothing asked any more when it stops', (t) => {
  const { clock, uplink, path, paces } = open();
  clock.advance(100);
  uplink.stop();
  const before = [path.sentBytes, paces.length];
  clock.advance(20);
  t.deepEqual([path.sentBytes, paces.length], before);
});

test('nothing is told of a line of which a figure is believed, and no padding asks for it', (t) => {
  const { clock, uplink, budgets, path } = open({ capBps: 2_000_000 });
  clock.advance(3000);
  t.true(uplink.state.isToldBelieved);
  t.deepEqual([budgets.length, path.sentBytes], [0, 0]);
});

test('what goes to a member on this machine is left out', (t) => {
  const { clock, uplink } = open({ capBps: 2_000_000, local: 'B' });
  for (let seq = 0; seq < 500; seq++) {
    clock.advance(4);
    uplink.sent([{ leg: 'B', ssrc: 1, seq, bytes: 1200, sentAtMs: clock.now(), resent: false }]);
    const packets = [{ ssrc: 1, seq, arrivedAtMs: clock.now() + 2 * seq }];
    uplink.reported({ leg: 'B', atMs: clock.now(), reportedAtMs: clock.now(), packets });
  }
  clock.advance(100);
  t.true(uplink.state.isToldBelieved);
});

test('what goes to members without passing the line is told beside it, and has room in the pace', (t) => {
  const nearBps = 700_000;
  const { clock, uplink, near, budgets, paces } = open({ nearBps });
  clock.advance(3000);
  t.is(near.at(-1), nearBps);
  t.true((budgets.at(-1) ?? 0) < LINE_BPS, `${budgets.at(-1)}`);
  t.true((paces.at(-1) ?? 0) > nearBps + 0.95 * (budgets.at(-1) ?? 0));
  t.true((uplink.state.capacityBps ?? 0) < 1.15 * LINE_BPS);
});

test('what was measured is forgotten where it was no line, and the line is looked for anew', (t) => {
  const { clock, uplink, budgets, moves } = open();
  clock.advance(3000);
  const told = budgets.length;
  moves();
  clock.advance(60);
  t.is(uplink.state.limitedBy, 'unmeasured');
  t.deepEqual(budgets.slice(told), [undefined]);
  clock.advance(3000);
  t.true(Math.abs((uplink.state.capacityBps ?? 0) - LINE_BPS) < 0.15 * LINE_BPS, `${uplink.state.capacityBps}`);
});
