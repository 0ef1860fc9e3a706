/** The time line's lanes, its marks and its scale. Pure. */
import type { RoomEvent } from '../../../room-picture/contract.ts';

export const LANES = ['people', 'agreements', 'switches', 'losses'] as const;
export type Lane = (typeof LANES)[number];

/** A relay that dies is a loss before it is the end of an agreement. */
const RELAY_DIED = 'relay.silent';

export function laneOf(event: RoomEvent): Lane {
  switch (event.what) {
    case 'joined':
      return 'people';
    case 'left':
      return event.why === 'silent' ? 'losses' : 'people';
    case 'agreed':
    case 'refused':
      return 'agreements';
    case 'ended':
      return event.reason === RELAY_DIED ? 'losses' : 'agreements';
    case 'switched':
      return 'switches';
    case 'missing':
    case 'cut':
      return 'losses';
  }
}

/** Whom an event is about: the mark has that person's colour. */
export function personOf(event: RoomEvent): string {
  switch (event.what) {
    case 'joined':
    case 'left':
    case 'cut':
      return event.peer;
    case 'agreed':
    case 'refused':
    case 'ended':
      return event.client;
    case 'switched':
    case 'missing':
      return event.source;
  }
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Mark {
  readonly x: number;
  readonly lane: Lane;
  readonly events: readonly RoomEvent[];
}

/** Marks that lie nearer than this become one, px. */
const APART = 7;

export function marksOf(events: readonly RoomEvent[], span: Span, width: number): Mark[] {
  const marks = new Map<string, { x: number; lane: Lane; events: RoomEvent[] }>();
  for (const event of events) {
    if (event.atMs < span.fromMs || event.atMs > span.toMs) continue;
    const x = placeOf(event.atMs, span, width);
    const lane = laneOf(event);
    const key = `${lane} ${Math.round(x / APART)}`;
    const mark = marks.get(key);
    if (mark === undefined) marks.set(key, { x, lane, events: [event] });
    else mark.events.push(event);
  }
  return [...marks.values()];
}

export function placeOf(atMs: number, { fromMs, toMs }: Span, width: number): number {
  return ((atMs - fromMs) / Math.max(1, toMs - fromMs)) * width;
}

/** Between two ticks, in s. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
/** px. */
const TICKS_APART = 90;

/** Whole moments in a span, no nearer than can be read. */
export function ticksOf({ fromMs, toMs }: Span, width: number): number[] {
  const most = Math.max(1, Math.floor(width / TICKS_APART));
  const step = 1000 * (STEPS.find((seconds) => (toMs - fromMs) / (1000 * seconds) <= most) ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(step)) return [];
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) ticks.push(at);
  return ticks;
}
