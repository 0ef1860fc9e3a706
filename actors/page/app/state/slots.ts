/** Which tile uses which pair of m-lines, and what the peer is asked to send on them. */
import type { ShownSlot } from '../link/messages.ts';
import type { Tile } from './tiles.ts';

/** The m-lines of one slot. */
export interface SlotMids {
  readonly video: string;
  readonly audio: string;
}

/**
 * Tiles keep their slots as long as they are there: a switch costs a key frame. A tile that finds none is not received.
 *
 * @param before ids of tiles by slot; null: free
 * @param wanted in the order of importance
 */
export function assignSlots(before: readonly (string | null)[], wanted: readonly Tile[], slots: number) {
  const ids = wanted
    .filter(({ picture, sound }) => picture !== null || sound !== null)
    .map(({ id }) => id)
    .slice(0, slots);
  const stay = new Set(ids);
  const now = Array.from({ length: slots }, (_, slot) => {
    const id = before[slot] ?? null;
    return id !== null && stay.has(id) ? id : null;
  });
  for (const id of ids) {
    if (now.includes(id)) continue;
    const free = now.indexOf(null);
    if (free !== -1) now[free] = id;
  }
  return now;
}

export interface Looking {
  /** Heights of the tiles that are in sight, in pixels of the screen. */
  readonly heights: ReadonlyMap<string, number>;
  readonly paused: readonly string[];
  /** The person saves data. */
  readonly voicesOnly: boolean;
}

/** The whole of what the peer is asked for: what is not in it is not received. */
export function shownSlots(
  slots: readonly (string | null)[],
  mids: readonly SlotMids[],
  tiles: ReadonlyMap<string, Tile>,
  looking: Looking,
): ShownSlot[] {
  return slots.flatMap((id, slot) => {
    const tile = id === null ? undefined : tiles.get(id);
    const lines = mids[slot];
    if (tile === undefined || lines === undefined) return [];
    return [...soundOf(tile, lines.audio), ...pictureOf(tile, lines.video, looking)];
  });
}

function soundOf({ peer, sound }: Tile, mid: string): ShownSlot[] {
  return sound === null ? [] : [{ mid, peer, stream: sound }];
}

function pictureOf(tile: Tile, mid: string, { heights, paused, voicesOnly }: Looking): ShownSlot[] {
  const height = heights.get(tile.id);
  if (tile.picture === null || !tile.playable || height === undefined) return [];
  if (voicesOnly || paused.includes(tile.id)) return [];
  const maxBps = worthBps(height);
  return [{ mid, peer: tile.peer, stream: tile.picture, ...(maxBps === undefined ? {} : { maxBps }) }];
}

/**
 * What VP8 needs for a good picture of that height at 30 frames a second, bit/s. A camera's low layer has 180 lines, which are enough
 * for tiles that are a little higher; its high layer has 720.
 */
const WORTH: readonly (readonly [height: number, bps: number])[] = [
  [240, 200_000],
  [720, 1_800_000],
];

/** @param height pixels of the screen. @returns undefined: as much as there is */
function worthBps(height: number): number | undefined {
  return WORTH.find(([most]) => height <= most)?.[1];
}

export function sameShown(a: readonly ShownSlot[], b: readonly ShownSlot[]): boolean {
  return a.length === b.length && JSON.stringify(a) === JSON.stringify(b);
}
