/**
 * What a relay answers its clients: an offer, a reject, or nothing yet. The relay decides: whatever a plan says, its ledger is
 * what counts. Pure.
 */

import type { AddressedLeg, Body, Outgoing, PeerId, RejectCode } from '../messages.ts';
import { DELAYS } from '../timers.ts';
import { isAtAnothersAddress, sameAddress, type View } from '../view.ts';
import { type Ledger, legsBps, overdrawnBps, reserve, spareBps } from './ledger.ts';
import { cutLegs, isLess, masksOf } from './legs.ts';
import { type Commitment, type RelayedAgreement, type Relaying, withCommitment, withDraining } from './relaying.ts';

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
  const wanted = masksOf(asked);
  const legs = cutLegs(before.inForce.legs, (receiver) => wanted.get(receiver) ?? 0);
  const inForce = { ...before.inForce, legs, rateBps: Math.min(before.inForce.rateBps, rateBps) };
  const letGo = cutLegs(before.inForce.legs, (receiver) => ~(wanted.get(receiver) ?? 0));
  const letGoBps = legsBps(letGo, before.inForce.rateBps);
  return withCommitment(withDraining(relaying, before, letGo, letGoBps), before, inForce);
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
