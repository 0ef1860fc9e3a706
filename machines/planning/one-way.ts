/**
 * Receivers that tie a stream to one address: what comes from another one is lost to them, and so is all that comes after a hand-over
 * until they forget the first. They get all slices on one path, the one that they have as long as anybody is served on it, and change
 * places with others for that. Pure.
 */
import { sliceBit } from '../slices.ts';
import type { Paths } from './fill/running.ts';

/** Who is served on which path of one slice: a relay's index or DIRECT. */
export type Places = Map<number, number[]>;

export interface OneWay {
  /** By slice, in the order in which slices are laid; becomes what it has to be. */
  readonly places: readonly Places[];
  /** Who ties a stream to one address, of those that are served. */
  readonly tied: readonly number[];
  /** How they receive it now. */
  readonly before: Paths;
  /** Whether packets can go to a receiver on this path for no more than on that one, on which it is served. */
  readonly leads: (path: number, receiver: number, instead: number) => boolean;
}

/** Whoever finds no path with room for all slices is taken out: a part of a stream is garbage to it. */
export function tieToOneWay({ places, tied, before, leads }: OneWay): void {
  const settled = new Set<number>();
  const slicesNow = (path: number, receiver: number): number => {
    const mask = before.get(path)?.get(receiver) ?? 0;
    return places.reduce((count, _, slice) => count + ((mask & sliceBit(slice)) === 0 ? 0 : 1), 0);
  };
  const mostNow = (receiver: number): number =>
    Math.max(...[...before.keys()].map((path) => slicesNow(path, receiver)));
  // Who is being served already chooses before those who have nothing to lose yet.
  for (const receiver of [...tied].sort((a, b) => mostNow(b) - mostNow(a) || a - b)) {
    const paths = [...new Set(places.flatMap((slice) => [...slice.keys()]))].sort(
      (a, b) => slicesNow(b, receiver) - slicesNow(a, receiver) || a - b,
    );
    if (!paths.some((path) => move(receiver, path))) for (const slice of places) leave(slice, receiver);
    settled.add(receiver);
  }

  /** @returns false: not all slices have room on this path for it, and nothing has changed */
  function move(receiver: number, path: number): boolean {
    const partners = places.map((slice) => {
      const now = pathOf(slice, receiver);
      if (now === undefined || now === path) return now === path ? receiver : undefined;
      const others = slice.get(path) ?? [];
      if (!leads(path, receiver, now)) return undefined;
      return others.findLast((other) => !settled.has(other) && leads(now, other, path));
    });
    if (partners.includes(undefined)) return false;
    for (const [at, partner = receiver] of partners.entries()) {
      const slice = places[at];
      if (slice !== undefined && partner !== receiver) exchange(slice, receiver, partner);
    }
    return true;
  }
}

function pathOf(slice: Places, receiver: number): number | undefined {
  for (const [path, receivers] of slice) if (receivers.includes(receiver)) return path;
  return undefined;
}

function exchange(slice: Places, one: number, other: number): void {
  for (const receivers of slice.values()) {
    receivers.forEach((receiver, at) => {
      if (receiver === one) receivers[at] = other;
      else if (receiver === other) receivers[at] = one;
    });
  }
}

function leave(slice: Places, receiver: number): void {
  for (const [path, receivers] of slice) {
    const at = receivers.indexOf(receiver);
    if (at >= 0) receivers.splice(at, 1);
    if (receivers.length === 0) slice.delete(path);
  }
}
