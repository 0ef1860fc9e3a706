/**
 * Loaded before a Node program (`--import`), it makes all clocks and timers of JavaScript run slower by a factor, in its threads too:
 * see {@link Dilation}. What the program asks of the kernel by itself, past Node, is not slowed.
 */
import { syncBuiltinESMExports } from 'node:module';
// What programs import by name is changed by changing these, and telling Node.
import timers from 'node:timers';
import promises from 'node:timers/promises';

const factor = Number(process.env.RPR_DILATION);
/** Of all programs of one lab the same: then both clocks said the same, in ms since the Unix epoch. */
const startMs = Number(process.env.RPR_DILATION_START);

const realNow = performance.now.bind(performance);
const originMs = startMs + (performance.timeOrigin - startMs) / factor;
const nowMs = () => realNow() / factor;
const epochMs = () => Math.floor(originMs + nowMs());
Object.defineProperty(performance, 'now', { value: nowMs });
Object.defineProperty(performance, 'timeOrigin', { value: originMs });

globalThis.Date = new Proxy(Date, {
  construct: (target, given, as) => Reflect.construct(target, given.length === 0 ? [epochMs()] : given, as),
  get: (target, name, as) => (name === 'now' ? epochMs : Reflect.get(target, name, as)),
});

const realNanoseconds = process.hrtime.bigint;
process.hrtime.bigint = () => BigInt(Math.round(Number(realNanoseconds()) / factor));

/** @param {number | undefined} ms */
const slower = (ms) => (ms === undefined ? ms : factor * ms);

/**
 * @template {(call: any, ms?: number, ...given: any[]) => unknown} Timer
 * @param {Timer} timer
 * @returns {Timer}
 */
function slow(timer) {
  const slowed = /** @type {Timer} */ ((call, ms, ...given) => timer(call, slower(ms), ...given));
  // What makes `util.promisify` of it.
  return Object.defineProperties(slowed, Object.getOwnPropertyDescriptors(timer));
}

globalThis.setTimeout = timers.setTimeout = slow(setTimeout);
globalThis.setInterval = timers.setInterval = slow(setInterval);
const { setTimeout: realDelay, setInterval: realTicks } = promises;
promises.setTimeout = (ms, ...given) => realDelay(slower(ms), ...given);
promises.setInterval = (ms, ...given) => realTicks(slower(ms), ...given);
const realTimeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => realTimeout(factor * ms);
syncBuiltinESMExports();
