/** The relay's side of agreements: what it has promised to whom, and what it forwards for it. Pure. */

import type { AddressedLeg, PeerId } from '../messages.ts';
import type { RelayedRoute } from '../ports.ts';
import { isAtAnothersAddress, type View } from '../view.ts';
import { EMPTY_LEDGER, type Ledger, legsBps, release, settle } from './ledger.ts';

export interface Commitment {
  readonly revision: number;
  readonly rateBps: number;
  readonly legs: readonly AddressedLeg[];
}

export interface RelayedAgreement {
  readonly id: string;
  readonly client: PeerId;
  readonly ssrc: number;
  readonly inForce: Commitment | null;
  readonly offered: Commitment | null;
  /** The client has notice: it runs out, and nothing amends it. */
  readonly noticed: boolean;
}

type DrainingLegs = Pick<RelayedRoute, 'client' | 'ssrc' | 'legs' | 'limitBps'>;

export interface Relaying {
  readonly ledger: Ledger;
  readonly agreements: ReadonlyMap<string, RelayedAgreement>;
  /**
   * By agreement, legs that its client has let go. It sends nothing more for them, so they hold nothing; what was on its way is
   * forwarded still.
   */
  readonly draining: ReadonlyMap<string, DrainingLegs>;
}

export const NOT_RELAYING: Relaying = { ledger: EMPTY_LEDGER, agreements: new Map(), draining: new Map() };

/** An amendment nobody accepted: back to the terms in force. */
export function lapseOffer(relaying: Relaying, id: string): Relaying {
  const agreement = relaying.agreements.get(id);
  if (!agreement?.offered || !agreement.inForce) return relaying;
  return withCommitment(relaying, agreement, agreement.inForce);
}

/** The agreement is over: what it held is free. */
export function drop(relaying: Relaying, id: string): Relaying {
  if (!relaying.agreements.has(id)) return relaying;
  const agreements = new Map(relaying.agreements);
  agreements.delete(id);
  return { ...relaying, ledger: release(relaying.ledger, id), agreements };
}

/** The agreement is over, but for what is on its way. */
export function drain(relaying: Relaying, id: string): Relaying {
  const agreement = relaying.agreements.get(id);
  if (agreement === undefined) return relaying;
  return drop(withDraining(relaying, agreement, forwardedLegs(agreement), relaying.ledger.promised.get(id) ?? 0), id);
}

/** Whatever was on its way has come. */
export function endDraining(relaying: Relaying, id: string): Relaying {
  const draining = new Map(relaying.draining);
  draining.delete(id);
  return { ...relaying, draining };
}

/** These legs drain beside those that do. */
export function withDraining(
  relaying: Relaying,
  { id, client, ssrc }: RelayedAgreement,
  letGo: readonly AddressedLeg[],
  bps: number,
): Relaying {
  if (letGo.length === 0) return relaying;
  const before = relaying.draining.get(id);
  const legs = unionLegs([...(before?.legs ?? []), ...letGo]);
  const limitBps = (before?.limitBps ?? 0) + bps;
  return { ...relaying, draining: new Map(relaying.draining).set(id, { client, ssrc, legs, limitBps }) };
}

/** Agreements whose client is no longer in the room. */
export function orphansOf(relaying: Relaying, view: View): RelayedAgreement[] {
  return [...relaying.agreements.values()].filter(
    ({ client, ssrc }) => view.members.get(client)?.source?.ssrc !== ssrc,
  );
}

/**
 * What is to be forwarded: what is promised, and what drains. Not for a client that says it is where another member is: what
 * comes from there may have been relayed already, and no packet takes three hops.
 */
export function relayedRoutes({ agreements, ledger, draining }: Relaying, view: View): RelayedRoute[] {
  const promised = [...agreements.values()].map((agreement) => {
    const { id, client, ssrc } = agreement;
    const letGo = draining.get(id);
    const legs = unionLegs([...forwardedLegs(agreement), ...(letGo?.legs ?? [])]);
    const promisedBps = ledger.promised.get(id) ?? 0;
    return { agreement: id, client, ssrc, legs, promisedBps, limitBps: promisedBps + (letGo?.limitBps ?? 0) };
  });
  const letGo = [...draining]
    .filter(([agreement]) => !agreements.has(agreement))
    .map(([agreement, legs]) => ({ agreement, ...legs, promisedBps: 0 }));
  return [...promised, ...letGo].flatMap((route): RelayedRoute[] => {
    const client = view.members.get(route.client);
    if (client === undefined || isAtAnothersAddress(view, client)) return [];
    const legs = route.legs.filter(({ receiver }) => view.members.has(receiver));
    return [{ ...route, upstream: client.media, legs }];
  });
}

/** Legs in force, and those offered, since a client may use them from the offer on. */
function forwardedLegs({ inForce, offered }: RelayedAgreement): AddressedLeg[] {
  return unionLegs([...(inForce?.legs ?? []), ...(offered?.legs ?? [])]);
}

/** The agreements to give up so that the ledger holds again: newest first, beyond those that have notice already. */
export function reclaimable(relaying: Relaying, overdrawn: number): RelayedAgreement[] {
  const chosen: RelayedAgreement[] = [];
  const all = [...relaying.agreements.values()];
  let rest = overdrawn;
  for (const { id } of all.filter(({ noticed }) => noticed)) rest -= relaying.ledger.promised.get(id) ?? 0;
  for (const agreement of all.filter(({ noticed }) => !noticed).reverse()) {
    if (rest <= 0) break;
    chosen.push(agreement);
    rest -= relaying.ledger.promised.get(agreement.id) ?? 0;
  }
  return chosen;
}

/** These agreements run out. */
export function withNotice(relaying: Relaying, ids: Iterable<string>): Relaying {
  const agreements = new Map(relaying.agreements);
  for (const id of ids) {
    const agreement = agreements.get(id);
    if (agreement !== undefined) agreements.set(id, { ...agreement, noticed: true });
  }
  return { ...relaying, agreements };
}

/** The agreement on these terms, and nothing offered beside them. */
export function withCommitment(relaying: Relaying, agreement: RelayedAgreement, commitment: Commitment): Relaying {
  return {
    ...relaying,
    ledger: settle(relaying.ledger, agreement.id, legsBps(commitment.legs, commitment.rateBps)),
    agreements: new Map(relaying.agreements).set(agreement.id, { ...agreement, inForce: commitment, offered: null }),
  };
}

function unionLegs(legs: readonly AddressedLeg[]): AddressedLeg[] {
  const byReceiver = new Map<PeerId, AddressedLeg>();
  for (const leg of legs) {
    const before = byReceiver.get(leg.receiver);
    byReceiver.set(leg.receiver, before ? { ...leg, slices: leg.slices | before.slices } : leg);
  }
  return [...byReceiver.values()];
}
