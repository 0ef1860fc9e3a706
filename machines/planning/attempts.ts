/** In which forms a room is tried: what gives way before anybody else does, and how much of the lent upload layers may take. */
import { type Bound, boundOf } from './bound.ts';
import type { PlanRoute } from './contract.ts';
import { asOneStream, hasGroups, withLayers } from './layers.ts';
import { type Room, withAudiences } from './room.ts';
import { outsized } from './shortage.ts';

/** The parts of the lent upload that layers are tried with. */
const LAYER_PARTS = [1, 0.98, 0.95, 0.9, 0.8, 0.5, 0];

export interface Attempt {
  /** With the layers that receivers get. */
  readonly room: Room;
  /** The same without the streams that are late. */
  readonly served: Room;
  /** Of that; feasible. */
  readonly bound: Bound;
}

export interface Attempts {
  /** Streams that ask for far too much: they get what all others leave. */
  readonly late: readonly number[];
  /** One after the other, until one of them finds its places. */
  readonly tries: Iterable<Attempt>;
  /** The room where none does: with the least layers. */
  readonly short: () => Room;
}

/** @param limited the room within the limits of each member */
export function attemptsAt(limited: Room, inForce: readonly PlanRoute[]): Attempts {
  const grouped = hasGroups(limited);
  const together = grouped ? asOneStream(limited) : limited;
  const boundTogether = boundOf(together);
  const late = outsized(together, boundTogether);
  const rest = withoutStreams(limited, late);
  function* tries(): Generator<Attempt> {
    for (const part of grouped ? LAYER_PARTS : [1]) {
      const room = grouped ? withLayers(rest, inForce, part) : limited;
      const served = withoutStreams(room, late);
      const bound = served === together ? boundTogether : boundOf(served);
      if (!bound.feasible) return;
      yield { room, served, bound };
    }
  }
  return { late, tries: tries(), short: () => (grouped ? withLayers(rest, inForce, 0) : limited) };
}

export function withoutStreams(room: Room, late: readonly number[]): Room {
  if (late.length === 0) return room;
  return withAudiences(
    room,
    room.streams.map(({ audience }, index) => (late.includes(index) ? 0 : audience)),
  );
}
