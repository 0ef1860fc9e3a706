/**
 * The relay's side of agreements: what it has promised to whom, and what it answers. The relay decides: whatever a plan
 * says, its ledger is what counts. Pure.
 */

import type { AddressedLeg, Body, Outgoing, PeerId, RejectCode } from '../messages.ts';
import type { RelayedRoute } from '../ports.ts';
import { DELAYS } from '../timers.ts';
import { isAtAnothersAddress, sameAddress, type View } from '../view.ts';
import { EMPTY_LEDGER, type Ledger, legsBps, overdrawnBps, release, reserve, settle, spareBps } from './ledger.ts';

interface Commitment {
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

/** A request's answer: `deferred` where it may be another in a moment; ask again when the view or the ledger changes. */
export type Decision =
  | {
      readonly type: 'offered';
      readonly relaying: Relaying;
      readonly fresh: boolean;
      /**
       * More of terms that the client has accepted already, in force at once: its next accept may be about what it was offered
       * first, and an accept that is lost must not leave the two with different terms of one revision.
       */
      readonly accepted: boolean;
      /** All that was asked for. */
      readonly complete: boolean;
      readonly reply: Outgoing;
    }
  /** `ends`: the offer that stood for earlier terms is over with it, since the client forgets what was refused. */
  | { readonly type: 'rejected'; readonly relaying: Relaying; readonly ends: boolean; readonly reply: Outgoing }
  | { readonly type: 'stale' }
  /** `more`: part of it could be granted at once, beyond what has been. */
  | { readonly type: 'deferred'; readonly relaying: Relaying; readonly more: boolean };

/** A decision that the client is told. */
export type Answer = Extract<Decision, { type: 'offered' | 'rejected' }>;

/** A client has one agreement with a relay, or two while it moves from one to the next; more would only fill our memory. */
const MOST_OF_ONE_CLIENT = 4;

interface Circumstances {
  readonly view: View;
  readonly leaving: boolean;
  /** May the answer wait: for the view to learn of the client or a receiver, for others to let go of capacity? */
  readonly patient: boolean;
  /** Part of it has been offered already: only more is worth an answer. */
  readonly answered?: boolean;
}

/** Answer a client's request. The same revision asked twice gets the same answer (an offer may have been lost). */
export function decide(
  relaying: Relaying,
  from: PeerId,
  request: Body<'relay.request'>,
  circumstances: Circumstances,
): Decision {
  const { view, leaving, patient, answered = false } = circumstances;
  const { agreement: id, revision, ssrc, rateBps } = request;
  const before = relaying.agreements.get(id);
  const reject = (code: RejectCode, after = relaying): Decision => ({
    type: 'rejected',
    relaying: after,
    ends: before?.client === from && before.inForce === null,
    reply: { kind: 'relay.reject', body: { agreement: id, revision, code, spareBps: spareBps(after.ledger) } },
  });
  const client = view.members.get(from);
  if (leaving) return reject('peer.leaving');
  if (before !== undefined && before.client !== from) return reject('request.invalid');
  if (before !== undefined && revision < latestRevision(before)) return { type: 'stale' };
  if (client?.source?.ssrc !== ssrc)
    return patient ? { type: 'deferred', relaying, more: false } : reject('source.unknown');
  const legs = request.legs.filter((leg) => isLeg(view, from, leg));
  if (legs.length < request.legs.length && patient && request.legs.some((leg) => !view.members.has(leg.receiver)))
    return { type: 'deferred', relaying, more: false };
  if (legs.length === 0 || hasTwice(legs)) return reject('request.invalid');
  if (before === undefined && agreementsOf(relaying, from) >= MOST_OF_ONE_CLIENT) return reject('request.invalid');
  if (relaying.ledger.lendBps === 0) return reject('lending.off');

  const known = [before?.offered, before?.inForce].find((commitment) => commitment?.revision === revision);
  if (known && !answered) {
    const complete = !isLess(known.legs, legs);
    return {
      type: 'offered',
      relaying,
      fresh: false,
      accepted: false,
      complete,
      reply: offerOf(id, known, relaying.ledger),
    };
  }
  const narrowed = answered ? relaying : narrow(relaying, before, legs, rateBps);
  // Whoever has notice may stay where the room has moved so far that nothing need be reclaimed any more.
  if (before?.noticed && (before.inForce === null || overdrawnBps(narrowed.ledger) > 0))
    return patient ? { type: 'deferred', relaying: narrowed, more: false } : reject('capacity.exhausted', narrowed);
  const inForce = narrowed.agreements.get(id)?.inForce ?? null;
  const standing = (answered ? known : inForce)?.legs ?? [];
  const { ledger, granted } = reserve(narrowed.ledger, id, legs, standing, rateBps);
  const complete = !isLess(granted, legs);
  const isNews = !answered || legsBps(granted, rateBps) > legsBps(standing, rateBps);
  if ((patient && !complete) || !isNews) return { type: 'deferred', relaying: narrowed, more: isNews };
  if (granted.length === 0) return reject('capacity.exhausted', narrowed);
  const offered = { revision, rateBps, legs: granted };
  const agreement = { id, client: from, ssrc, inForce, offered, noticed: false };
  const after = { ...narrowed, ledger, agreements: new Map(relaying.agreements).set(id, agreement) };
  const accepted = inForce?.revision === revision;
  return {
    type: 'offered',
    relaying: accepted ? withCommitment(after, agreement, offered) : after,
    fresh: before === undefined,
    accepted,
    complete,
    reply: offerOf(id, offered, ledger),
  };
}

/**
 * What a client no longer asks for it no longer uses, and what it sends is never above the rate it asks for: that much is free
 * at once, whatever becomes of the rest.
 */
function narrow(
  relaying: Relaying,
  before: RelayedAgreement | undefined,
  asked: readonly AddressedLeg[],
  rateBps: number,
): Relaying {
  if (before === undefined || before.inForce === null) return relaying;
  const wanted = new Map(asked.map(({ receiver, slices }) => [receiver, slices]));
  const legs = before.inForce.legs.flatMap((leg) => {
    const slices = leg.slices & (wanted.get(leg.receiver) ?? 0);
    return slices === 0 ? [] : [{ ...leg, slices }];
  });
  const inForce = { ...before.inForce, legs, rateBps: Math.min(before.inForce.rateBps, rateBps) };
  const letGo = before.inForce.legs.flatMap((leg) => {
    const slices = leg.slices & ~(wanted.get(leg.receiver) ?? 0);
    return slices === 0 ? [] : [{ ...leg, slices }];
  });
  const letGoBps = legsBps(letGo, before.inForce.rateBps);
  return withCommitment(withDraining(relaying, before, letGo, letGoBps), before, inForce);
}

function isLess(granted: readonly AddressedLeg[], asked: readonly AddressedLeg[]): boolean {
  const masks = new Map(granted.map(({ receiver, slices }) => [receiver, slices]));
  return asked.some(({ receiver, slices }) => masks.get(receiver) !== slices);
}

export type Acceptance =
  | { readonly type: 'amended'; readonly relaying: Relaying }
  | { readonly type: 'renewed' }
  | { readonly type: 'unknown'; readonly reply: Outgoing }
  | { readonly type: 'stale' };

/** Take a client's accept: the offer of that revision is in force, or the lease of what was is renewed. */
export function accept(
  relaying: Relaying,
  from: PeerId,
  { agreement: id, revision }: Body<'relay.accept'>,
): Acceptance {
  const agreement = relaying.agreements.get(id);
  if (agreement === undefined || agreement.client !== from) {
    const code = 'agreement.unknown' as const;
    return {
      type: 'unknown',
      reply: { kind: 'relay.reject', body: { agreement: id, revision, code, spareBps: spareBps(relaying.ledger) } },
    };
  }
  if (agreement.offered?.revision === revision)
    return { type: 'amended', relaying: withCommitment(relaying, agreement, agreement.offered) };
  // A lower revision than that in force: the client lives, and will learn of the terms by its own retries.
  return (agreement.inForce?.revision ?? 0) >= revision ? { type: 'renewed' } : { type: 'stale' };
}

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

function withDraining(
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

function withCommitment(relaying: Relaying, agreement: RelayedAgreement, commitment: Commitment): Relaying {
  return {
    ...relaying,
    ledger: settle(relaying.ledger, agreement.id, legsBps(commitment.legs, commitment.rateBps)),
    agreements: new Map(relaying.agreements).set(agreement.id, { ...agreement, inForce: commitment, offered: null }),
  };
}

function agreementsOf({ agreements }: Relaying, peer: PeerId): number {
  return [...agreements.values()].filter(({ client }) => client === peer).length;
}

function latestRevision({ inForce, offered }: RelayedAgreement): number {
  return Math.max(inForce?.revision ?? 0, offered?.revision ?? 0);
}

/** A leg we may send to: a member, at its own address. Anything else would make us a packet cannon. */
function isLeg(view: View, client: PeerId, { receiver, address }: AddressedLeg): boolean {
  const member = view.members.get(receiver);
  if (member === undefined || receiver === view.self || receiver === client) return false;
  return sameAddress(member.media, address) && !isAtAnothersAddress(view, member);
}

function hasTwice(legs: readonly AddressedLeg[]): boolean {
  return new Set(legs.map(({ receiver }) => receiver)).size < legs.length;
}

function unionLegs(legs: readonly AddressedLeg[]): AddressedLeg[] {
  const byReceiver = new Map<PeerId, AddressedLeg>();
  for (const leg of legs) {
    const before = byReceiver.get(leg.receiver);
    byReceiver.set(leg.receiver, before ? { ...leg, slices: leg.slices | before.slices } : leg);
  }
  return [...byReceiver.values()];
}

function offerOf(agreement: string, { revision, legs }: Commitment, ledger: Ledger): Outgoing {
  return {
    kind: 'relay.offer',
    body: {
      agreement,
      revision,
      legs: legs.map(({ receiver, slices }) => ({ receiver, slices })),
      spareBps: spareBps(ledger),
      holdMs: DELAYS.offerHold,
    },
  };
}
