/** How many ways of a room must move at least for a plan, found by a linear program solver instead of the planner's rules. */

import { type Paths, pathsOfRoutes, type Via } from '../../machines/forwarding/paths.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { Plan, PlanInput, PlanPeer, PlanRoute } from '../../machines/plan.ts';
import { ALL_SLICES, SLICE_COUNT, sliceCount } from '../../machines/slices.ts';
import { expression, optimum, type Term } from './solver.ts';

/** The paths of every source. */
export type RoomPaths = ReadonlyMap<PeerId, Paths>;

/** Slices of sources to receivers that go another way, or none, after than before. */
export function movedBetween(before: RoomPaths, after: RoomPaths): number {
  let moved = 0;
  for (const [source, paths] of before) {
    for (const [receiver, ways] of paths) {
      for (const [via, slices] of ways) {
        moved += sliceCount(slices & ~(after.get(source)?.get(receiver)?.get(via) ?? 0));
      }
    }
  }
  return moved;
}

export function pathsOfPlan({ peers }: PlanInput, { routes }: Pick<Plan, 'routes'>): RoomPaths {
  return new Map(peers.map(({ id }) => [id, pathsOfRoutes(routes.filter(({ source }) => source === id))]));
}

/** The paths of every stream, by `ID/STREAM`. */
export function pathsByStream(routes: readonly PlanRoute[]): RoomPaths {
  const streams = new Map<string, PlanRoute[]>();
  for (const route of routes) {
    const key = `${route.source}/${route.stream}`;
    const own = streams.get(key) ?? [];
    streams.set(key, own);
    own.push(route);
  }
  return new Map([...streams].map(([key, own]) => [key, pathsOfRoutes(own)]));
}

/** What the one stream of a peer is sent at, bit/s. */
export function rateOfFirst(peer: PlanPeer | undefined, rates: Plan['rates']): number {
  return rates[`${peer?.id}/${peer?.streams?.[0]?.name}`] ?? 0;
}

/** How many slices a source sends to receivers itself, those to relays included. */
export function directCopies(paths: Paths): number {
  let copies = 0;
  for (const ways of paths.values()) copies += sliceCount(ways.get(null) ?? 0);
  return copies;
}

/** Rates are rounded to whole bit/s, and the solver is exact to about this part. */
export const ROUNDING = 1e-6;

/** Whether nobody gets slices of a source on different paths. */
export function runsWhole(paths: Paths): boolean {
  return [...paths.values()].every((ways) => [...ways.values()].every((slices) => slices === ALL_SLICES));
}

/**
 * A lower bound on {@link movedBetween} for all plans with the rates of one plan that serve whom it serves: no upload and no lending
 * is exceeded, a relay forwards to each only as much as it gets itself, no source leaves more legs to relays than it does in the
 * plan, and none is split that the plan does not split. Slices of those that are may be cut at will, so that whole slices can need
 * more than this. For rooms in which everybody watches everybody and sends one stream.
 */
export function leastMoves(room: PlanInput, plan: Plan, before: RoomPaths): number {
  const kept = optimum(new Program(room, plan, before).text);
  if (kept === null) throw new Error('the plan has relays that do not watch what they forward');
  return Math.max(0, Math.ceil(movedBetween(before, new Map()) - kept * (1 + ROUNDING)));
}

/**
 * Variables are slices of source s: `d<s>_<r>` direct to r, `f<s>_<k>_<r>` through k; `k...`: as much of it as ran before; `w...`:
 * 1 where it is all of the stream, 0 where it is nothing.
 */
class Program {
  readonly #room: PlanInput;
  readonly #rates: Plan['rates'];
  readonly #unitBps: number;
  readonly #before: RoomPaths;
  readonly #rows: string[] = [];
  readonly #bounds: string[] = [];
  readonly #kept: Term[] = [];
  readonly #binaries: string[] = [];
  /** By peer index. */
  readonly #sent: Term[][];
  readonly #lent: Term[][];

  constructor(room: PlanInput, plan: Plan, before: RoomPaths) {
    this.#room = room;
    this.#rates = plan.rates;
    this.#before = before;
    this.#unitBps = Math.max(...Object.values(plan.rates)) / SLICE_COUNT;
    this.#sent = room.peers.map(() => []);
    this.#lent = room.peers.map(() => []);
    const planned = pathsOfPlan(room, plan);
    room.peers.forEach(({ id }, source) => {
      this.#addSource(source, planned.get(id) ?? new Map());
    });
    room.peers.forEach(({ uploadBps, lendBps, compatible }, peer) => {
      const usable = uploadBps * room.headroom;
      this.#limit(this.#sent[peer] ?? [], usable);
      this.#limit(this.#lent[peer] ?? [], compatible === false ? 0 : Math.min(lendBps ?? usable, usable));
    });
  }

  get text(): string {
    const [rows, bounds] = [this.#rows.join('\n'), this.#bounds.join('\n')];
    const binaries = this.#binaries.length === 0 ? '' : `Binary\n${this.#binaries.join(' ')}\n`;
    return `Maximize\n${expression(this.#kept)}\nSubject To\n${rows}\nBounds\n${bounds}\n${binaries}End`;
  }

  #addSource(source: number, planned: Paths): void {
    const { peers } = this.#room;
    const receivers = peers.flatMap(({ id }, index) => (planned.has(id) ? [index] : []));
    const copies = receivers.map((receiver) => ({ factor: 1, variable: `d${source}_${receiver}` }));
    this.#rows.push(`${expression(copies)} >= ${directCopies(planned)}`);
    const whole = runsWhole(planned);
    for (const receiver of receivers) {
      const ways = [this.#addWay(source, receiver, null)];
      for (const relay of receivers) {
        if (relay === receiver) continue;
        const way = this.#addWay(source, receiver, relay);
        this.#rows.push(`${way} - d${source}_${relay} <= 0`);
        ways.push(way);
      }
      let slices = 0;
      for (const mask of planned.get(peers[receiver]?.id ?? '')?.values() ?? []) slices |= mask & ALL_SLICES;
      this.#rows.push(`${ways.join(' + ')} = ${sliceCount(slices)}`);
      if (whole) for (const way of ways) this.#allOrNothing(way);
    }
  }

  /** @returns its variable */
  #addWay(source: number, receiver: number, relay: number | null): string {
    const { peers } = this.#room;
    const idOf = (index: number): PeerId => peers[index]?.id ?? '';
    const via: Via = relay === null ? null : idOf(relay);
    const variable = relay === null ? `d${source}_${receiver}` : `f${source}_${relay}_${receiver}`;
    const leg = { factor: rateOfFirst(peers[source], this.#rates) / SLICE_COUNT / this.#unitBps, variable };
    this.#sent[relay ?? source]?.push(leg);
    if (relay !== null) this.#lent[relay]?.push(leg);
    const ran = sliceCount(this.#before.get(idOf(source))?.get(idOf(receiver))?.get(via) ?? 0);
    if (ran > 0) {
      this.#kept.push({ factor: 1, variable: `k${variable}` });
      this.#rows.push(`k${variable} - ${variable} <= 0`);
      this.#bounds.push(`0 <= k${variable} <= ${ran}`);
    }
    return variable;
  }

  #allOrNothing(way: string): void {
    this.#binaries.push(`w${way}`);
    this.#rows.push(`${way} - ${SLICE_COUNT} w${way} = 0`);
  }

  #limit(legs: readonly Term[], bps: number): void {
    if (legs.length === 0) return;
    this.#rows.push(`${expression(legs)} <= ${(bps * (1 + ROUNDING)) / this.#unitBps}`);
  }
}
