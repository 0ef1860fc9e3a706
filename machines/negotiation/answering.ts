/**
 * What a relay answers its clients: an offer, a reject, or nothing yet. The relay decides: whatever a plan says, its ledger is
 * what counts. Pure.
 */

import { isAtAnothersAddress } from '../claimed-addresses.ts';
import { mayServe } from '../in-the-clear.ts';
import type { Body, Outgoing, PeerId, RejectCode } from '../messages.ts';
import { isCut, streamOf, type View } from '../view.ts';
import { type Ledger, overdrawnBps, reserve, spareBps } from './ledger.ts';
import { costBps, cutTerms, groupsOf, isLess, legsOf, letGoOf, type StreamLegs, type Terms } from './legs.ts';
import { type RelayedAgreement, type Relaying, withAgreement, withDraining } from './relaying.ts';

/** A request's answer: `deferred` where it may be another in a moment; ask again when the view or the ledger changes. */
export type Decision =
  | {
      readonly type: 'granted';
      readonly relaying: Relaying;
      /** Nothing has changed: the offer was lost. */
      readonly repeated: boolean;
      /** All that was asked for. */
      readonly complete: boolean;
      readonly reply: Outgoing;
    }
  | { readonly type: 'rejected'; readonly relaying: Relaying; readonly reply: Outgoing }
  | { readonly type: 'stale' }
  /** `more`: part of it could be granted at once, beyond what has been. */
  | { readonly type: 'deferred'; readonly relaying: Relaying; readonly more: boolean };

/** A decision that the client is told. */
export type Answer = Extract<Decision, { type: 'granted' | 'rejected' }>;

interface Circumstances {
  readonly view: View;
  /** Members with whom our pair has proved a way. */
  readonly reached: Pick<ReadonlySet<PeerId>, 'has'>;
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
  const { leaving, patient, answered = false } = circumstances;
  const { view } = circumstances;
  const { agreement: id, revision } = request;
  const before = relaying.agreements.get(from);
  const defer = (after: Relaying, more = false): Decision => ({ type: 'deferred', relaying: after, more });
  const reject = (code: RejectCode, after = relaying): Decision => {
    const body = { agreement: id, revision, code, spareBps: spareBps(after.ledger) };
    return { type: 'rejected', relaying: after, reply: { kind: 'relay.reject', body } };
  };
  if (leaving) return reject('peer.leaving');
  if (before !== undefined && revision < before.revision) return { type: 'stale' };
  const { asked, isNewToUs, awaitsWay, fault } = read(circumstances, from, request);
  if (patient && (isNewToUs || (awaitsWay && asked.length === 0))) return defer(relaying);
  if (fault !== null) return reject(fault);
  if (relaying.ledger.lendBps === 0) return reject('lending.off');

  const isRepeated = before?.revision === revision && before.id === id;
  if (isRepeated && !answered) {
    const complete = !awaitsWay && !isLess(before.streams, asked);
    return { type: 'granted', relaying, repeated: true, complete, reply: offerOf(before, relaying.ledger) };
  }
  const narrowed = answered ? relaying : narrow(relaying, before, asked);
  // Whoever has notice may stay where the room has moved so far that nothing need be reclaimed any more.
  if (before?.noticed && overdrawnBps(narrowed.ledger) > 0)
    return patient ? defer(narrowed) : reject('capacity.exhausted', narrowed);
  const standing = narrowed.agreements.get(from)?.streams ?? [];
  const isWhole = (stream: string) => streamOf(view.members.get(from), stream)?.media === 'audio';
  const { ledger, granted } = reserve(narrowed.ledger, from, asked, standing, isWhole);
  const complete = !awaitsWay && !isLess(granted, asked);
  const isNews = !answered || costBps(granted) > costBps(standing);
  if ((patient && !complete) || !isNews) return defer(narrowed, isNews && granted.length > 0);
  if (granted.length === 0) return reject('capacity.exhausted', narrowed);
  // More of what its profile names already is named by it too: the client has no other word for it.
  const listed = isRepeated && before.listed;
  const agreement = { id, client: from, revision, streams: granted, listed, noticed: false };
  return {
    type: 'granted',
    relaying: withAgreement({ ...narrowed, ledger }, agreement),
    repeated: false,
    complete,
    reply: offerOf(agreement, ledger),
  };
}

interface Reading {
  /** What can be granted of it, as far as the view goes. */
  readonly asked: Terms;
  /** It names somebody or something that the view may be about to learn of. */
  readonly isNewToUs: boolean;
  /** Some receivers are left out of {@link asked} as our pair with them has not proved a way yet. */
  readonly awaitsWay: boolean;
  readonly fault: RejectCode | null;
}

/** What a request asks for, without what it must not: streams that are not the client's, receivers that are no members or that no way leads to. */
function read(ours: Circumstances, client: PeerId, { streams }: Body<'relay.request'>): Reading {
  const { view } = ours;
  const asked: StreamLegs[] = [];
  let [isNewToUs, awaitsWay, hasStream, isUnreached] = [false, false, false, false];
  const clientsWay = wayTo(ours, client);
  for (const { stream, rateBps, legs: groups } of streams) {
    if (streamOf(view.members.get(client), stream) === undefined) {
      isNewToUs = true;
      continue;
    }
    hasStream = true;
    const all = legsOf(groups);
    if (new Set(all.map(({ receiver }) => receiver)).size < all.length)
      return { asked: [], isNewToUs: false, awaitsWay: false, fault: 'request.invalid' };
    isNewToUs ||= all.some(({ receiver }) => !view.members.has(receiver));
    const legs = all.filter(({ receiver }) => isReceiver(view, client, receiver));
    const ways = legs.map(({ receiver }) => (clientsWay === 'proved' ? wayTo(ours, receiver) : clientsWay));
    const reached = legs.filter((_, index) => ways[index] === 'proved');
    awaitsWay ||= ways.includes('awaited');
    isUnreached ||= reached.length < legs.length;
    if (reached.length > 0) asked.push({ stream, rateBps, legs: reached });
  }
  if (!hasStream) return { asked, isNewToUs, awaitsWay, fault: 'stream.unknown' };
  return {
    asked,
    isNewToUs,
    awaitsWay,
    fault: asked.length > 0 ? null : isUnreached ? 'receiver.unreachable' : 'request.invalid',
  };
}

/** Whether our pair with this member leads there. A plain endpoint without a key proves nothing. */
function wayTo({ view, reached }: Circumstances, peer: PeerId): 'proved' | 'awaited' | 'cut' {
  if (isCut(view, view.self, peer)) return 'cut';
  return reached.has(peer) || view.members.get(peer)?.key === null ? 'proved' : 'awaited';
}

/**
 * Whom we may send to: a member, at an address that is its own, for anything else would make us a packet cannon; and no plain endpoint that
 * the client does not let hear it.
 */
function isReceiver(view: View, client: PeerId, receiver: PeerId): boolean {
  const member = view.members.get(receiver);
  const owner = view.members.get(client);
  if (member === undefined || owner === undefined || receiver === view.self || receiver === client) return false;
  return !isAtAnothersAddress(view, member) && mayServe(owner, member);
}

/**
 * What a client no longer asks for it no longer uses, and what it sends is never above the rate it asks for: that much is free
 * at once, whatever becomes of the rest.
 */
function narrow(relaying: Relaying, before: RelayedAgreement | undefined, asked: Terms): Relaying {
  if (before === undefined) return relaying;
  const drained = withDraining(relaying, before.client, letGoOf(before.streams, asked));
  return withAgreement(drained, { ...before, streams: cutTerms(before.streams, asked) });
}

function offerOf({ id, revision, streams }: RelayedAgreement, ledger: Ledger): Outgoing {
  return {
    kind: 'relay.offer',
    body: {
      agreement: id,
      revision,
      streams: streams.map(({ stream, legs }) => ({ stream, legs: groupsOf(legs) })),
      spareBps: spareBps(ledger),
    },
  };
}
