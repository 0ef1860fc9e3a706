/** Who is alive on the media path: what is told, once, and when. */
import test from 'ava';
import { Liveness } from '../../../machines/forwarding/liveness.ts';
import type { TransportEvent } from '../../../machines/ports.ts';
import { DELAYS } from '../../../machines/timers.ts';

const { relaySilence, mediaSilence, reportInterval } = DELAYS;
const CAMERA = 1;
const VOICE = 2;
/** A relay's first report may take so long. */
const FIRST_MS = 3 * relaySilence;
const STEP_MS = reportInterval;

function watching(ssrcs: readonly number[] = [CAMERA], sent: Readonly<Record<number, number>> = {}) {
  const liveness = new Liveness();
  const watch = (relays: readonly { relay: string; ssrcs: readonly number[] }[], nowMs: number) =>
    liveness.watch(relays, ['R', 'M'], (ssrc) => sent[ssrc], nowMs);
  watch([{ relay: 'R', ssrcs }], 0);
  /** What time tells, step by step. */
  const elapse = (fromMs: number, toMs: number): TransportEvent[] => {
    const events: TransportEvent[] = [];
    for (let nowMs = fromMs + STEP_MS; nowMs <= toMs; nowMs += STEP_MS)
      events.push(...liveness.checkRelays(nowMs), ...liveness.checkMembers(nowMs));
    return events;
  };
  return { liveness, watch, elapse };
}

const silent = (...acknowledged: [number, number][]) => ({
  type: 'relay.silent',
  relay: 'R',
  acknowledged: acknowledged.map(([ssrc, sequence]) => ({ ssrc, sequence })),
  quiet: [],
});

test('a relay is confirmed once for each stream, and silent once, with how far it has come with each', (t) => {
  const { liveness, elapse } = watching([CAMERA, VOICE], { [VOICE]: 40 });
  t.deepEqual(liveness.reported('R', CAMERA, 7, 0), [{ type: 'relay.confirmed', relay: 'R', ssrc: CAMERA }]);
  t.deepEqual(liveness.reported('R', CAMERA, 9, 0), []);
  t.deepEqual(liveness.reported('R', CAMERA, 8, 0), [], 'a report out of order');
  t.deepEqual(liveness.reported('R', VOICE, undefined, 0), [{ type: 'relay.confirmed', relay: 'R', ssrc: VOICE }]);
  t.deepEqual(elapse(0, relaySilence), []);
  t.deepEqual(elapse(relaySilence, relaySilence + STEP_MS), [silent([CAMERA, 9], [VOICE, 40])]);
  t.deepEqual(elapse(relaySilence + STEP_MS, 1000), []);
});

test('what was sent before a relay was watched is not asked of it', (t) => {
  const { elapse } = watching([CAMERA], { [CAMERA]: 500 });
  t.deepEqual(elapse(0, FIRST_MS), []);
  t.deepEqual(elapse(FIRST_MS, FIRST_MS + STEP_MS), [silent([CAMERA, 500])]);
});

test('as long as it reports on any of its streams it is not silent', (t) => {
  const { liveness, elapse } = watching([CAMERA, VOICE]);
  for (let nowMs = 0; nowMs < 2000; nowMs += 100) {
    liveness.reported('R', VOICE, 1, nowMs);
    t.deepEqual(elapse(nowMs, nowMs + 100), []);
  }
});

test('what is reported of a stream that it should not forward, or by another, proves nothing', (t) => {
  const { liveness, elapse } = watching();
  t.deepEqual(liveness.reported('R', VOICE, 7, 0), []);
  t.deepEqual(liveness.reported('M', CAMERA, 7, 0), []);
  t.deepEqual(elapse(0, FIRST_MS + STEP_MS), [silent([CAMERA, 0])]);
});

test('a stream that comes later is confirmed by itself, and what is known of the others is kept', (t) => {
  const { liveness, watch, elapse } = watching([CAMERA], { [VOICE]: 40 });
  liveness.reported('R', CAMERA, 7, 0);
  watch([{ relay: 'R', ssrcs: [CAMERA, VOICE] }], 10);
  t.deepEqual(liveness.reported('R', CAMERA, 8, 10), []);
  t.deepEqual(liveness.reported('R', VOICE, 41, 10), [{ type: 'relay.confirmed', relay: 'R', ssrc: VOICE }]);
  watch([{ relay: 'R', ssrcs: [VOICE] }], 20);
  t.deepEqual(elapse(0, 400), [silent([VOICE, 41])]);
});

test('one that is silent stays so, whatever it reports, until something of it comes again: that is told', (t) => {
  const { liveness, elapse, watch } = watching();
  liveness.heard('R', 0);
  liveness.reported('R', CAMERA, 7, 0);
  t.deepEqual(elapse(0, 300), [silent([CAMERA, 7])]);
  t.deepEqual(liveness.reported('R', CAMERA, 8, 300), []);
  watch([{ relay: 'R', ssrcs: [CAMERA, VOICE] }], 300);
  t.deepEqual(liveness.reported('R', VOICE, 8, 300), []);
  t.deepEqual(liveness.heard('R', 300), [{ type: 'media.alive', peer: 'R' }]);
  t.deepEqual(liveness.heard('R', 301), []);
});

test('one that is silent and never comes back is no longer alive as a member either', (t) => {
  const { liveness, elapse } = watching();
  liveness.heard('R', 0);
  liveness.reported('R', CAMERA, 7, 0);
  t.deepEqual(elapse(0, mediaSilence + STEP_MS), [silent([CAMERA, 7]), { type: 'media.silent', peer: 'R' }]);
});

test("a member's media is alive from its first packet until nothing came for mediaSilence", (t) => {
  const { liveness, watch, elapse } = watching();
  watch([], 0);
  t.deepEqual(liveness.heard('X', 0), [], 'nobody watches that one');
  t.deepEqual(liveness.heard('M', 0), [{ type: 'media.alive', peer: 'M' }]);
  t.deepEqual(liveness.heard('M', 100), []);
  t.deepEqual(elapse(0, mediaSilence + 100), []);
  t.deepEqual(elapse(mediaSilence + 100, mediaSilence + 100 + STEP_MS), [{ type: 'media.silent', peer: 'M' }]);
  t.deepEqual(liveness.heard('M', 9000), [{ type: 'media.alive', peer: 'M' }]);
});

test('a stall of our own is no silence of others: only the time in which we listen counts', (t) => {
  const { liveness, elapse } = watching();
  liveness.reported('R', CAMERA, 7, 0);
  liveness.heard('M', 0);
  elapse(0, 100);
  const stalledMs = 100 + 2 * mediaSilence;
  t.deepEqual([...liveness.checkRelays(stalledMs), ...liveness.checkMembers(stalledMs)], []);
  // One step of the stall counts: what waited in the socket is read before the rest has passed.
  const restMs = relaySilence - 100 - STEP_MS;
  t.deepEqual(
    elapse(stalledMs, stalledMs + restMs).filter(({ type }) => type === 'relay.silent'),
    [],
  );
  t.deepEqual(elapse(stalledMs + restMs, stalledMs + restMs + STEP_MS), [silent([CAMERA, 7])]);
});
