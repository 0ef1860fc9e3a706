/**
 * How a plan for the own source is carried out: whom to ask for what, which paths can run now, and what is still short.
 * Pure: the negotiation machine keeps the state and does what the {@link Step} says.
 */

import type { AddressedLeg, Leg, PeerId } from '../messages.ts';
import {
  affordablePaths,
  choosePaths,
  type Granted,
  legsThrough,
  mostCopies,
  type Paths,
  relaysIn,
  sendingBps,
  unionPaths,
  withoutSlices,
} from '../paths.ts';
import { selfOf, type View } from '../view.ts';
import type { Terms } from './client-agreement.ts';
import { ownAllowanceBps } from './ledger.ts';
import { masksOf } from './legs.ts';
import type { Relaying } from './relaying.ts';

/** An agreement as client, as far as negotiation needs to know it. */
export interface Asked {
  readonly id: string;
  readonly terms: Terms;
  /** What the relay has promised; empty before its first offer. */
  readonly granted: readonly Leg[];
  /** The rate it was promised for, bit/s. */
  readonly rateBps: number;
}

export interface OwnSource {
  /** What the plan wants. */
  readonly wanted: Paths;
  readonly wantedRateBps: number;
  /** What runs: the paths that packets take. */
  readonly inForce: Paths;
  /** What runs together with what is being drained: relays keep these legs. */
  readonly held: Paths;
  readonly rateBps: number;
  readonly asked: ReadonlyMap<PeerId, Asked>;
}

export interface Situation extends OwnSource {
  readonly view: View;
  readonly relaying: Relaying;
  readonly silent: ReadonlySet<PeerId>;
  /** Retries in a row that left something ungranted. */
  readonly shortfalls: number;
  /**
   * Slices whose ways in force are given up before the wanted ones stand; 0: none. Refused again and again, since two peers may be
   * waiting for each other's capacity.
   */
  readonly yields: number;
}

/** The paths and the rate that can run now, with the agreements as they stand. */
export function runnable(now: Situation): { readonly paths: Paths; readonly rateBps: number } {
  const granted: Granted = new Map([...now.asked].map(([relay, { granted }]) => [relay, masksOf(granted)]));
  const gone = (peer: PeerId) => !now.view.members.has(peer) || now.silent.has(peer);
  const inForce = withoutSlices(now.inForce, now.yields);
  const chosen = choosePaths({ wanted: now.wanted, granted, inForce, gone });
  const grantedBps = [...relaysIn(chosen)].reduce(
    (rate, relay) => Math.min(rate, now.asked.get(relay)?.rateBps ?? rate),
    now.wantedRateBps,
  );
  const rateBps = bearableRate(now, chosen, grantedBps);
  const allowanceBps = ownAllowanceBps(now.relaying.ledger);
  const copies = mostCopies(selfOf(now.view).uploadBps);
  return { paths: affordablePaths(chosen, now.wanted, rateBps, allowanceBps, copies), rateBps };
}

/**
 * The rate at which the upload bears these paths, where they cost too much. For a moment it stays as it is and somebody waits for his
 * relay; once that takes longer, and before anybody is cut off for the sake of a higher rate, all get less, down to the least
 * that the source allows.
 */
function bearableRate(
  { view, relaying, shortfalls, rateBps: nowBps }: Situation,
  paths: Paths,
  rateBps: number,
): number {
  const costBps = sendingBps(paths, rateBps);
  const allowanceBps = ownAllowanceBps(relaying.ledger);
  if (costBps <= allowanceBps || (shortfalls === 0 && nowBps >= rateBps)) return rateBps;
  const leastBps = selfOf(view).source?.minBps ?? rateBps;
  return Math.min(rateBps, Math.max(leastBps, (rateBps * allowanceBps) / costBps));
}

/** What to ask of each relay, and which agreements to end. */
export interface Requests {
  readonly terms: ReadonlyMap<PeerId, Terms>;
  readonly end: readonly PeerId[];
}

/**
 * The terms that the wanted paths need. What a relay still carries of paths in force or draining stays in its terms until
 * it is out of use: the new way stands before the old one goes.
 */
export function requestsOf(now: Situation): Requests {
  const { source } = selfOf(now.view);
  const wantedRelays = relaysIn(now.wanted);
  const inUse = withoutSlices(unionPaths(now.inForce, now.held), now.yields);
  const kept = unionPaths(now.wanted, inUse);
  const terms = new Map<PeerId, Terms>();
  for (const relay of relaysIn(kept)) {
    const legs = addressed(now.view, legsThrough(kept, relay));
    const known = now.asked.get(relay);
    // What is only kept till it is out of use shrinks, and asks for nothing.
    const mostBps = wantedRelays.has(relay) ? now.wantedRateBps : Math.min(now.wantedRateBps, known?.rateBps ?? 0);
    if (source !== null && legs.length > 0 && mostBps > 0)
      terms.set(relay, { ssrc: source.ssrc, rateBps: mostBps, legs });
  }
  const usedRelays = relaysIn(inUse);
  const end = [...now.asked.keys()].filter((relay) => !wantedRelays.has(relay) && !usedRelays.has(relay));
  return { terms, end };
}

/** The relays that have not granted what is wanted of them. */
export function shortOf({ asked, wanted, wantedRateBps }: OwnSource): PeerId[] {
  return [...relaysIn(wanted)].filter((relay) => {
    const agreement = asked.get(relay);
    if (agreement === undefined || agreement.rateBps < wantedRateBps) return true;
    const granted = masksOf(agreement.granted);
    return legsThrough(wanted, relay).some(({ receiver, slices }) => (slices & ~(granted.get(receiver) ?? 0)) !== 0);
  });
}

/** What the own stream needs by the plan, in bit/s. */
export function wantedBps({ wanted, wantedRateBps }: OwnSource): number {
  return sendingBps(wanted, wantedRateBps);
}

export function sameTerms(a: Terms, b: Terms): boolean {
  return a.ssrc === b.ssrc && a.rateBps === b.rateBps && JSON.stringify(a.legs) === JSON.stringify(b.legs);
}

function addressed(view: View, legs: readonly Leg[]): AddressedLeg[] {
  return legs.flatMap(({ receiver, slices }) => {
    const member = view.members.get(receiver);
    return member === undefined ? [] : [{ receiver, slices, address: member.media }];
  });
}
