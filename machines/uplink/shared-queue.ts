/**
 * What waits in the uplink, told from what waits elsewhere: packets to all legs go through the uplink, so what the least of them waits
 * is the uplink's; what a leg's packets wait beyond that is on its own way.
 */
import type { PeerId } from '../messages.ts';

/** The least that packets of one leg waited just now. */
export interface Reading {
  readonly leg: PeerId;
  readonly queueMs: number;
}

export interface SharedQueue {
  readonly queueMs: number;
  /** Legs whose packets waited there and nowhere else. */
  readonly clean: ReadonlySet<PeerId>;
}

/** What packets to or from one member pass. */
export interface KnownWay {
  /** It has been seen while nothing waited, so that what it takes is its length. */
  isWayKnown: boolean;
}

const SLACK_MS = 4;
const SLACK_SHARE = 1 / 4;

export const NO_QUEUE: SharedQueue = { queueMs: 0, clean: new Set() };

/**
 * One leg alone that says it waits less than most others agree upon is not believed: nobody can pass a queue that all go through, and
 * whoever could make it look empty could make us fill it. So two of three legs whose own ways are equally full look like a full uplink.
 *
 * @param roundMs how long the line takes for a packet to each: the last of copies that leave together waits for so much longer
 */
export function sharedQueueOf(readings: readonly Reading[], roundMs = 0): SharedQueue {
  const sorted = [...readings].sort((a, b) => a.queueMs - b.queueMs);
  const [first, second] = sorted;
  if (first === undefined) return NO_QUEUE;
  const queueMs = second !== undefined && isAlone(first, sorted, second, roundMs) ? second.queueMs : first.queueMs;
  const clean = sorted.filter((reading) => isAlike(reading.queueMs, queueMs, roundMs)).map(({ leg }) => leg);
  return { queueMs, clean: new Set(clean) };
}

/**
 * Of ways that are known: of one that is new to a full line the queue would be taken for its length, so that it seems to wait for
 * nothing where all others do. It counts once the others are free.
 *
 * @param waitingMs less is no queue
 */
export function knownReadings(
  all: readonly (Reading & { readonly way: KnownWay })[],
  waitingMs: number,
): readonly Reading[] {
  const known = all.filter(({ way }) => way.isWayKnown);
  // One way that waits alone says nothing of what all pass.
  if (sharedQueueOf(known).queueMs >= waitingMs) return known;
  for (const { way } of all) way.isWayKnown = true;
  return all;
}

/** A queue into which nothing goes. */
export function emptied({ queueMs, clean }: SharedQueue, ms: number): SharedQueue {
  return queueMs > ms ? { queueMs: queueMs - ms, clean } : NO_QUEUE;
}

function isAlone(first: Reading, sorted: readonly Reading[], second: Reading, roundMs: number): boolean {
  if (isAlike(second.queueMs, first.queueMs, roundMs)) return false;
  const agreeing = sorted.slice(1).filter(({ queueMs }) => isAlike(queueMs, second.queueMs, roundMs));
  return agreeing.length > 1 && 2 * agreeing.length > sorted.length;
}

function isAlike(queueMs: number, other: number, roundMs: number): boolean {
  return Math.abs(queueMs - other) <= Math.max(SLACK_MS, SLACK_SHARE * other, roundMs);
}
