/** The highest fair rates that given ways carry. */
import { SLICE_COUNT } from '../../slices.ts';
import type { Bound } from '../bound.ts';
import type { Room } from '../room.ts';
import type { Course } from './tree.ts';

/** After so many halvings a level is known to a millionth. */
const HALVINGS = 20;
/** An uplink that full holds all that goes through it. */
const FULL = 1 - 1e-5;
/** Sums of rates are no more exact than this. */
const ROUNDING = 1e-9;
/** From here on rates are whole bit/s; smaller ones, as in toy rooms, keep their fractions. */
const WHOLE_BPS = 10_000;

/**
 * All videos rise together from their least rates, none above what the bound gives it; who goes through a full uplink stops, and
 * the others go on. Audio has what the bound gives it.
 *
 * @returns by stream index, bit/s; `null` where the ways do not even carry the least rates
 */
export function ratesOn(room: Room, bound: Bound, courses: readonly Course[]): number[] | null {
  const loads = courses.map((course) => loadsOf(course));
  const rates = room.streams.map(({ audio, minBps, wanted, layers }, stream) =>
    audio ? (bound.rates[stream] ?? 0) : wanted === 0 && layers.length > 1 ? 0 : minBps,
  );
  const uplinks = new Sums(room);
  if (!uplinks.hold(courses, loads, rates)) return null;
  let rising = courses.flatMap(({ stream, audio }, at) =>
    !audio && (bound.rates[stream] ?? 0) > (rates[stream] ?? 0) ? [at] : [],
  );
  while (rising.length > 0) {
    const floor = [...rates];
    const raise = (level: number): void => {
      for (const at of rising) {
        const stream = courses[at]?.stream ?? 0;
        rates[stream] = Math.max(floor[stream] ?? 0, Math.min(bound.rates[stream] ?? 0, level));
      }
    };
    let low = 0;
    let high = Math.max(...rising.map((at) => bound.rates[courses[at]?.stream ?? 0] ?? 0));
    raise(high);
    if (uplinks.hold(courses, loads, rates)) break;
    for (let halving = 0; halving < HALVINGS; halving += 1) {
      const middle = (low + high) / 2;
      raise(middle);
      if (uplinks.hold(courses, loads, rates)) low = middle;
      else high = middle;
    }
    raise(low);
    uplinks.hold(courses, loads, rates);
    const still = rising.filter((at) => {
      const stream = courses[at]?.stream ?? 0;
      if ((rates[stream] ?? 0) >= (bound.rates[stream] ?? 0)) return false;
      return !(loads[at] ?? []).some(({ peer, relays }) => uplinks.isFull(peer, relays));
    });
    rising = still.length < rising.length ? still : [];
  }
  return rates.map((rate, stream) =>
    rate >= WHOLE_BPS ? Math.max(room.streams[stream]?.minBps ?? 0, Math.floor(rate)) : rate,
  );
}

/** What one bit/s of a stream makes a peer send. */
interface Load {
  readonly peer: number;
  readonly relays: boolean;
  readonly copies: number;
}

function loadsOf({ owner, trees }: Course): Load[] {
  const copies = new Map<number, number>();
  for (const { loads } of trees) {
    for (const { peer, copies: count } of loads) copies.set(peer, (copies.get(peer) ?? 0) + count);
  }
  return [...copies].map(([peer, count]) => ({ peer, relays: peer !== owner, copies: count / SLICE_COUNT }));
}

class Sums {
  readonly #room: Room;
  readonly #sent: Float64Array;
  readonly #lent: Float64Array;

  constructor(room: Room) {
    this.#room = room;
    this.#sent = new Float64Array(room.peers.length);
    this.#lent = new Float64Array(room.peers.length);
  }

  /** Whether nobody sends or lends too much at these rates. */
  hold(courses: readonly Course[], loads: readonly (readonly Load[])[], rates: readonly number[]): boolean {
    this.#sent.fill(0);
    this.#lent.fill(0);
    for (const [at, { stream }] of courses.entries()) {
      const rate = rates[stream] ?? 0;
      for (const { peer, relays, copies } of loads[at] ?? []) {
        this.#sent[peer] = (this.#sent[peer] ?? 0) + copies * rate;
        if (relays) this.#lent[peer] = (this.#lent[peer] ?? 0) + copies * rate;
      }
    }
    return this.#room.peers.every(
      ({ usableBps, lendBps }, peer) =>
        (this.#sent[peer] ?? 0) <= usableBps * (1 + ROUNDING) && (this.#lent[peer] ?? 0) <= lendBps * (1 + ROUNDING),
    );
  }

  isFull(peer: number, relays: boolean): boolean {
    const { usableBps = 0, lendBps = 0 } = this.#room.peers[peer] ?? {};
    return (this.#sent[peer] ?? 0) >= usableBps * FULL || (relays && (this.#lent[peer] ?? 0) >= lendBps * FULL);
  }
}
