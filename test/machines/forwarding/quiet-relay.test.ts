/** A relay of which nothing comes any more, where much did: noticed within 80 ms, and what must not be taken for it. */
import test from 'ava';
import { Liveness } from '../../../machines/forwarding/liveness.ts';
import { reportEveryMs } from '../../../machines/forwarding/report-pace.ts';
import type { TransportEvent } from '../../../machines/ports.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { Random } from '../../simulation/world/random.ts';

const { relayQuiet, relaySilence, reportInterval } = DELAYS;
const CAMERA = 1;
const CHECK_MS = reportInterval / 2;
/** A small camera: ten packets of 1200 bytes in 100 ms are 1 Mbit/s. */
const PACKET_MS = 10;
const MINUTES = 10;

/** Something comes of a member at this moment. */
interface Arrival {
  readonly peer: 'R' | 'M';
  readonly atMs: number;
  readonly isReport: boolean;
}

/** Everything of a member until it ends, sent regularly, and as `arrives` brings it. */
function sent(
  peer: Arrival['peer'],
  untilMs: number,
  { reports = reportInterval, media = PACKET_MS }: { reports?: number; media?: number } = {},
  arrives: (sentMs: number) => number | null = (sentMs) => sentMs,
): Arrival[] {
  const every = (ms: number, isReport: boolean) =>
    ms === 0 ? [] : Array.from({ length: Math.floor(untilMs / ms) }, (_, index) => ({ sentMs: index * ms, isReport }));
  return [...every(reports, true), ...every(media, false)].flatMap(({ sentMs, isReport }) => {
    const atMs = arrives(sentMs);
    return atMs === null ? [] : [{ peer, atMs, isReport }];
  });
}

/** What a client tells of it that looks at these moments. */
function watch(arrivals: readonly Arrival[], untilMs: number, isChecked: (atMs: number) => boolean = () => true) {
  const liveness = new Liveness();
  liveness.watch([{ relay: 'R', ssrcs: [CAMERA] }], ['R', 'M'], () => 0, 0);
  const told: (TransportEvent & { atMs: number })[] = [];
  const queue = [...arrivals].sort((a, b) => a.atMs - b.atMs);
  let first = 0;
  for (let nowMs = 0; nowMs <= untilMs; nowMs += CHECK_MS) {
    if (!isChecked(nowMs)) continue;
    // Timers come before sockets: what has come during a stall is read after the check.
    const check = () => told.push(...liveness.checkRelays(nowMs).map((event) => ({ ...event, atMs: nowMs })));
    const stoodStill = !isChecked(nowMs - CHECK_MS);
    if (stoodStill) check();
    for (let next = queue[first]; next !== undefined && next.atMs <= nowMs; next = queue[++first]) {
      liveness.heard(next.peer, stoodStill ? nowMs : next.atMs);
      if (next.isReport) liveness.reported(next.peer, CAMERA, 7, stoodStill ? nowMs : next.atMs);
    }
    if (!stoodStill) check();
  }
  return told.filter(({ type }) => type === 'relay.silent');
}

const DIES_MS = 5000;

test('a relay that dies is noticed within 80 ms, if reports alone come of it or media too', (t) => {
  for (const media of [0, PACKET_MS]) {
    const [silent] = watch(sent('R', DIES_MS, { media }), 2 * DIES_MS);
    const afterMs = (silent?.atMs ?? 0) - DIES_MS;
    t.true(afterMs >= relayQuiet && afterMs <= 80, `${afterMs} ms`);
  }
});

test('so is one that has not reported yet, while its media stops', (t) => {
  const [silent] = watch(
    sent('R', DIES_MS, { reports: 0 }).filter(({ atMs }) => atMs > DIES_MS - 500),
    DIES_MS + 1000,
  );
  t.truthy(silent);
});

test('one whose media goes on is judged by its reports alone, and one whose media ends goes on reporting', (t) => {
  const reporting = sent('R', DIES_MS, { media: 0 });
  const [silent] = watch([...reporting, ...sent('R', 2 * DIES_MS, { reports: 0 })], 2 * DIES_MS);
  t.true((silent?.atMs ?? 0) >= DIES_MS + relaySilence - reportInterval);
  t.deepEqual(watch([...sent('R', 2 * DIES_MS, { media: 0 }), ...sent('R', DIES_MS)], 2 * DIES_MS - relayQuiet), []);
});

test('who died with it is told with it, who did not is not', (t) => {
  const [silent] = watch([...sent('R', DIES_MS), ...sent('M', DIES_MS, { reports: 0 })], 2 * DIES_MS);
  t.like(silent, { relay: 'R', quiet: ['M'] });
  const [alone] = watch([...sent('R', DIES_MS), ...sent('M', 2 * DIES_MS, { reports: 0 })], 2 * DIES_MS);
  t.like(alone, { relay: 'R', quiet: [] });
});

test('nobody is left for 2 % of loss and 15 ms of jitter', (t) => {
  const untilMs = MINUTES * 60_000;
  for (const media of [0, PACKET_MS]) {
    const random = new Random(7);
    const arrives = (sentMs: number) => (random.chance(0.02) ? null : sentMs + 15 * random.next());
    t.deepEqual(watch(sent('R', untilMs, { media }, arrives), untilMs), []);
  }
});

test('nor for a relay whose event loop is late by 50 ms now and then, beside the same loss', (t) => {
  const untilMs = MINUTES * 60_000;
  const random = new Random(8);
  const stalls = Array.from({ length: untilMs / 1000 }, (_, second) => 1000 * second + 900 * random.next());
  const late = (sentMs: number) => {
    const stall = stalls[Math.floor(sentMs / 1000)] ?? 0;
    return sentMs >= stall && sentMs < stall + 50 ? stall + 50 : sentMs;
  };
  const arrives = (sentMs: number) => (random.chance(0.02) ? null : late(sentMs) + 5 * random.next());
  t.deepEqual(watch(sent('R', untilMs, {}, arrives), untilMs), []);
});

test('nor for an event loop of our own that is late by 50 ms, or by a second', (t) => {
  const untilMs = 60_000;
  for (const stallMs of [50, 1000]) {
    const isChecked = (atMs: number) => atMs % 2000 >= stallMs;
    t.deepEqual(watch(sent('R', untilMs), untilMs, isChecked), []);
  }
});

test('a relay reports each reportInterval, for a hundredth of its upload; where that is small, each 50 ms', (t) => {
  const relayed = (clients: number, streams: number) =>
    Array.from({ length: clients * streams }, (_, index) => ({ client: `C${index % clients}` }));
  t.is(reportEveryMs(relayed(1, 1), 5_000_000), reportInterval);
  t.is(reportEveryMs(relayed(4, 1), 5_000_000), 31);
  t.is(reportEveryMs(relayed(4, 2), 1_000_000), 50);
});

test('one that reports that seldom is not left for a report or two that are lost', (t) => {
  const random = new Random(9);
  const untilMs = MINUTES * 60_000;
  const arrives = (sentMs: number) => (random.chance(0.02) ? null : sentMs + 5 * random.next());
  t.deepEqual(watch(sent('R', untilMs, { reports: 50, media: 0 }, arrives), untilMs), []);
});
