/**
 * What a full line carried: what left between two packets, over the time between their departures from the queue. A packet departs
 * when it was sent and has waited, so the two ends are exact however the rate changed between them.
 */
import { type Mark, SLOT_MS, type Slot, type Slots } from './slots.ts';

/** A queue that is no jitter. */
export const WAITING_MS = 6;
/** The newest stretch of a full queue that is looked at. */
const MOST_SLOTS = 250 / SLOT_MS;
/**
 * Of a queue that suddenly grows so fast, in ms a ms, only the newest slots are looked at: what the line carried before says nothing any
 * more. Where it has grown for longer both say the same.
 */
const SUDDEN_SLOPE = 0.3;
const SUDDEN_SLOTS = 100 / SLOT_MS;
/** Fewer packets, or a shorter time, measure the jitter of the ends. */
const LEAST_PACKETS = 8;
const LEAST_MS = 30;

export interface Sample {
  readonly bps: number;
  /** Of the queue, in ms a ms: above 0 more comes in than goes out. */
  readonly slope: number;
  readonly loss: number;
}

/** Bytes that had left at a packet: over all legs, or over its own. */
export type Odometer = (mark: Mark) => number;
export const OVER_ALL: Odometer = ({ upTo }) => upTo;
export const OVER_OWN: Odometer = ({ ownUpTo }) => ownUpTo;

/**
 * @param legs those whose packets waited in this queue alone
 * @param lossOf what was lost between two slots, as a share, beyond what is lost anyway
 */
export function sampleOf(
  legs: readonly Slots[],
  lastSlot: number,
  odometer: Odometer,
  lossOf: (first: number, last: number) => number,
): Sample | undefined {
  let [begin, end]: [Mark | undefined, Mark | undefined] = [undefined, undefined];
  let [packets, firstSlot] = [0, lastSlot];
  let sudden: { readonly begin: Mark; readonly firstSlot: number } | undefined;
  for (let slot = lastSlot; slot > lastSlot - MOST_SLOTS; slot -= 1) {
    const held = legs.map((leg) => leg.at(slot)).filter((at) => at?.least !== undefined) as Slot[];
    const marks = held.map(({ least }) => least) as Mark[];
    if (marks.some(({ queueMs }) => queueMs < WAITING_MS)) break;
    const mark = middleMark(marks);
    if (mark === undefined) continue;
    packets += held.reduce((sum, of) => sum + of.packets, 0);
    [begin, end, firstSlot] = [mark, end ?? mark, slot];
    const isNewest = slot > lastSlot - SUDDEN_SLOTS;
    const isEnough = packets >= LEAST_PACKETS && departedMs(mark, end) >= LEAST_MS;
    if (!isNewest && isEnough) sudden ??= { begin: mark, firstSlot };
  }
  if (begin === undefined || end === undefined || packets < LEAST_PACKETS) return undefined;
  if (sudden !== undefined && slopeOf(sudden.begin, end) > SUDDEN_SLOPE) ({ begin, firstSlot } = sudden);
  return between(begin, end, odometer, lossOf(firstSlot, lastSlot));
}

/** Undefined where the two are too near to each other. */
export function between(
  begin: Mark,
  end: Mark,
  odometer: Odometer,
  loss: number,
  leastMs = LEAST_MS,
): Sample | undefined {
  const ms = departedMs(begin, end);
  if (end.sentAtMs <= begin.sentAtMs || ms < leastMs) return undefined;
  const bits = 8 * (odometer(end) - odometer(begin)) * (1 - loss);
  return { bps: (1000 * bits) / ms, slope: slopeOf(begin, end), loss };
}

/** From the departure of the one from the queue to that of the other. */
function departedMs(begin: Mark, end: Mark): number {
  return end.sentAtMs - begin.sentAtMs + (end.queueMs - begin.queueMs);
}

function slopeOf(begin: Mark, end: Mark): number {
  return (end.queueMs - begin.queueMs) / (end.sentAtMs - begin.sentAtMs);
}

/** Neither the leg that says most nor the one that says least decides. */
export function middleMark<M extends Mark>(marks: readonly M[]): M | undefined {
  return [...marks].sort((a, b) => a.queueMs - b.queueMs)[Math.floor(marks.length / 2)];
}
