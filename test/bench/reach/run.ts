/** One run of a case: processes that wait in their places, B joins, and it is seen how soon what is to come does. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerId } from '../../../machines/messages.ts';
import type { Logged, PeerProcess } from '../../integration/peer-process.ts';
import { LabRoom } from '../../network/rooms/lab-room.ts';
import type { Snapshot } from '../../scenarios/judging/delivery.ts';
import { ScenarioError } from '../../scenarios/playing/errors.ts';
import type { Measured, ReachCase } from './cases.ts';
import { type Medium, mediumOf } from './medium.ts';
import type { Seats } from './seats.ts';

/** What has not come by then does not come. In ms. */
const PATIENCE_MS = 10_000;
/** Those who are there already have been for so long: they know their own addresses by then. In ms. */
const SETTLED_MS = 2_000;
/** How often the peers are asked what they have got: when it came, they tell themselves. In ms. */
const LOOK_MS = 50;
/** A peer whose address has changed is back on the bus when its server has been given up: NATS takes its time. In ms. */
const MOVE_PATIENCE_MS = 60_000;
/** A gap that has not grown over so many looks is over. */
const STILL_LOOKS = 6;

export interface Run {
  /** Undefined: it did not come. */
  readonly ms: number | undefined;
  readonly medium: Medium;
}

/** @param signal ends the run early, with its reason */
export async function runOnce(reachCase: ReachCase, seats: Seats, signal: AbortSignal): Promise<Run> {
  await using room = await LabRoom.open(seats.nats, signal);
  const start = (id: PeerId, host: Seats['a']) => room.start(id, host, ...seats.args);
  const [a, b] = await Promise.all([
    start('A', seats.a),
    start('B', seats.b),
    ...(seats.third === undefined ? [] : [start('C', seats.third)]),
  ]);
  if (a === undefined || b === undefined) throw new Error('a case has two peers at least');
  room.join('A');
  if (seats.third !== undefined) room.join('C');
  await delay(SETTLED_MS, undefined, { signal });
  const play = { room, seats, a, b, signal, joinedMs: room.join('B') + reachCase.conditions.delayMs };
  const ms = await MEASURES[reachCase.measured](play);
  const nothing = ms === undefined || reachCase.measured === 'named';
  return { ms, medium: nothing ? 'none' : mediumOf(await room.ask(['A', 'B']), { A: a.events, B: b.events }, seats) };
}

interface Play {
  readonly room: LabRoom;
  readonly seats: Seats;
  readonly a: PeerProcess;
  readonly b: PeerProcess;
  readonly signal: AbortSignal;
  /** When B heard that it is to join, ms since the Unix epoch. */
  readonly joinedMs: number;
}

const MEASURES: Readonly<Record<Measured, (play: Play) => Promise<number | undefined>>> = {
  media: untilMedia,
  named: untilNamed,
  gap: async (play) => ((await untilMedia(play)) === undefined ? undefined : gapOfMove(play)),
};

/** What each of the two has of the other. */
function betweenThem(snapshot: Snapshot) {
  return (
    [
      ['A', 'B'],
      ['B', 'A'],
    ] as const
  ).map(([receiver, source]) => snapshot.get(receiver)?.receptions.find((reception) => reception.source === source));
}

async function untilMedia({ room, joinedMs, signal }: Play): Promise<number | undefined> {
  const came = await lookFor(signal, async () => {
    const firsts = betweenThem(await room.ask(['A', 'B'])).map(
      (reception) => reception?.firstAt ?? Number.POSITIVE_INFINITY,
    );
    const lastMs = Math.max(...firsts);
    return Number.isFinite(lastMs) ? lastMs : undefined;
  });
  return came === undefined ? undefined : came - joinedMs;
}

async function untilNamed({ b, joinedMs, signal }: Play): Promise<number | undefined> {
  const named = await lookFor(signal, async () => b.events.find(isCut));
  return named === undefined ? undefined : Date.parse(String(named.time)) - joinedMs;
}

const isCut = ({ event, other }: Logged) => event === 'pair.cut' && other === 'A';

async function gapOfMove({ room, seats, signal }: Play): Promise<number | undefined> {
  const gapsSince = performance.timeOrigin + performance.now();
  await seats.moveB();
  let [longest, still] = [0, 0];
  return lookFor(
    signal,
    async () => {
      const answers = await room.ask(['A', 'B'], { gapsSince }).catch(unlessMute);
      if (answers === undefined) return undefined;
      const gaps = betweenThem(answers).map((reception) => reception?.longestGapMs ?? 0);
      const now = Math.max(...gaps);
      still = now > longest ? 0 : still + 1;
      longest = now;
      return still >= STILL_LOOKS ? longest : undefined;
    },
    MOVE_PATIENCE_MS,
  );
}

/** Who has moved does not answer until it has found its server again. */
function unlessMute(error: unknown): undefined {
  if (!(error instanceof ScenarioError) || error.code !== 'peer.mute') throw error;
}

/** Looks until there is something; undefined where there is nothing in time. */
async function lookFor<T>(
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
  patienceMs = PATIENCE_MS,
): Promise<T | undefined> {
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; ) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(LOOK_MS, undefined, { signal });
  }
  return undefined;
}
