import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { Dilation } from './dilation.ts';

const FACTOR = 20;
/** What passed by each clock of a program while one of its timers ran, by the kernel's clock, that of `process.hrtime()`. */
const PROGRAM = `
  import { setTimeout as delay } from 'node:timers/promises';
  import { promisify } from 'node:util';
  const clocks = () => [performance.now(), performance.timeOrigin + performance.now(), Date.now(), Number(process.hrtime.bigint()) / 1e6];
  const told = {};
  const timers = {
    timeout: (ms) => new Promise((done) => setTimeout(done, ms)),
    promised: (ms) => promisify(setTimeout)(ms),
    delayed: (ms) => delay(ms),
    ticked: (ms) => new Promise((done) => { const ticks = setInterval(() => { clearInterval(ticks); done(); }, ms); }),
    aborted: (ms) => new Promise((done) => AbortSignal.timeout(ms).addEventListener('abort', done)),
  };
  for (const [name, timer] of Object.entries(timers)) {
    const [real, before] = [process.hrtime(), clocks()];
    const waiting = timer(5);
    const keepsRunning = setInterval(() => {}, 1000);
    await waiting;
    clearInterval(keepsRunning);
    const after = clocks();
    const [s, ns] = process.hrtime(real);
    told[name] = { realMs: 1000 * s + ns / 1e6, passedMs: after.map((ms, index) => ms - before[index]) };
  }
  console.log(JSON.stringify(told));
`;

test('all timers of a slowed program take so many times as long, and all its clocks say that they did not', async (t) => {
  const { env } = new Dilation(FACTOR);
  const args = ['--input-type=module', '--eval', PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
  const told: Record<string, { realMs: number; passedMs: number[] }> = JSON.parse(stdout);
  t.is(Object.keys(told).length, 5);
  for (const [timer, { realMs, passedMs }] of Object.entries(told)) {
    // A timer of Node may end within the last millisecond of its time.
    t.true(realMs >= FACTOR * 5 - 1, `${timer}: ${realMs}`);
    // Date tells whole milliseconds.
    for (const ms of passedMs) t.true(Math.abs(ms - realMs / FACTOR) <= 1.1, `${timer}: ${ms} of ${realMs}`);
  }
});

test('its time of day is that of the lab, slowed since the lab began', async (t) => {
  const before = Date.now();
  const { env } = new Dilation(FACTOR);
  const args = ['--eval', 'console.log(Date.now())'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
  const passedMs = Number(stdout) - before;
  t.true(passedMs >= 0 && passedMs <= (Date.now() - before) / FACTOR + 2, `${passedMs}`);
});
