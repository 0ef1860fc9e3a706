/**
 * The relay's side of agreements: what it has promised to whom, and what it forwards for it. All of it by the client, whose id
 * the bus vouches for: nobody touches another's agreement. Pure.
 */

import { isAtAnothersAddress } from '../claimed-addresses.ts';
import { mayServe } from '../in-the-clear.ts';
import type { PeerId, StreamName } from '../messages.ts';
import type { RelayedRoute } from '../ports.ts';
import { type Member, streamOf, type View } from '../view.ts';
import { EMPTY_LEDGER, type Ledger, release, settle } from './ledger.ts';
import { costBps, legsBps, letGoOf, ofStream, type StreamLegs, type Terms, unionTerms } from './legs.ts';

export interface RelayedAgreement {
  readonly id: string;
  readonly client: PeerId;
  /** Of the terms in force. */
  readonly revision: number;
  readonly streams: Terms;
  /** The client's profile names it, and this revision. */
  readonly listed: boolean;
  /** The client has notice: it runs out, and nothing amends it. */
  readonly noticed: boolean;
}

export interface Relaying {
  readonly ledger: Ledger;
  readonly agreements: ReadonlyMap<PeerId, RelayedAgreement>;
  /**
   * By client, legs that it has let go. It sends nothing more for them, so they hold nothing; what was on its way is forwarded
   * still.
   */
  readonly draining: ReadonlyMap<PeerId, Terms>;
}

export const NOT_RELAYING: Relaying = { ledger: EMPTY_LEDGER, agreements: new Map(), draining: new Map() };

/** The agreement on its terms; the ledger holds exactly these. */
export function withAgreement(relaying: Relaying, agreement: RelayedAgreement): Relaying {
  const { client, streams } = agreement;
  return {
    ...relaying,
    ledger: settle(relaying.ledger, client, costBps(streams)),
    agreements: new Map(relaying.agreements).set(client, agreement),
  };
}

/** The agreement is over: what it held is free. */
export function drop(relaying: Relaying, client: PeerId): Relaying {
  if (!relaying.agreements.has(client)) return relaying;
  const agreements = new Map(relaying.agreements);
  agreements.delete(client);
  return { ...relaying, ledger: release(relaying.ledger, client), agreements };
}

/** The agreement is over, but for what is on its way. */
export function drain(relaying: Relaying, client: PeerId): Relaying {
  const agreement = relaying.agreements.get(client);
  return agreement === undefined ? relaying : drop(withDraining(relaying, client, agreement.streams), client);
}

/**
 * These legs drain beside those that do, as long as both together are no more than the agreement held: whoever adds and drops legs
 * again and again gets no more forwarded than it was promised once.
 */
export function withDraining(relaying: Relaying, client: PeerId, letGo: Terms): Relaying {
  if (letGo.length === 0) return relaying;
  const both = unionTerms(relaying.draining.get(client) ?? [], letGo);
  const heldBps = relaying.ledger.promised.get(client) ?? 0;
  const draining = costBps(both) <= heldBps ? both : letGo;
  return { ...relaying, draining: new Map(relaying.draining).set(client, draining) };
}

/** Whatever was on its way has come. */
export function endDraining(relaying: Relaying, client: PeerId): Relaying {
  const draining = new Map(relaying.draining);
  draining.delete(client);
  return { ...relaying, draining };
}

/**
 * What is to be forwarded: what is promised, and what drains. Not for a client that says it is where another member is: what
 * comes from there may have been relayed already, and no packet takes three hops.
 */
export function relayedRoutes({ agreements, draining }: Relaying, view: View): RelayedRoute[] {
  return [...new Set([...agreements.keys(), ...draining.keys()])].flatMap((client) => {
    const member = view.members.get(client);
    if (member === undefined || isAtAnothersAddress(view, member)) return [];
    const promised = agreements.get(client)?.streams ?? [];
    const all = unionTerms(promised, draining.get(client) ?? []);
    const drains = letGoOf(draining.get(client) ?? [], promised);
    return all.flatMap((forwarded) => routesOf(view, member, forwarded, promised, drains));
  });
}

/** @param drains what is forwarded beyond what is promised */
function routesOf(view: View, client: Member, forwarded: StreamLegs, promised: Terms, drains: Terms): RelayedRoute[] {
  const { stream } = forwarded;
  const info = streamOf(client, stream);
  if (info === undefined) return [];
  const promisedBps = streamBps(promised, stream);
  const legs = forwarded.legs.filter(({ receiver: id }) => {
    const receiver = view.members.get(id);
    return receiver !== undefined && !isAtAnothersAddress(view, receiver) && mayServe(client, receiver);
  });
  return [
    {
      ...{ client: client.id, stream, ssrc: info.ssrc, media: info.media, legs },
      promisedBps,
      limitBps: promisedBps + streamBps(drains, stream),
    },
  ];
}

/** What these terms cost of one stream, bit/s. */
function streamBps(terms: Terms, stream: StreamName): number {
  const of = ofStream(terms, stream);
  return of === undefined ? 0 : legsBps(of.legs, of.rateBps);
}

/** The agreements to give up so that the ledger holds again: newest first, beyond those that have notice already. */
export function reclaimable({ agreements, ledger }: Relaying, overdrawn: number): RelayedAgreement[] {
  const chosen: RelayedAgreement[] = [];
  const all = [...agreements.values()];
  let rest = overdrawn;
  for (const { client } of all.filter(({ noticed }) => noticed)) rest -= ledger.promised.get(client) ?? 0;
  for (const agreement of all.filter(({ noticed }) => !noticed).reverse()) {
    if (rest <= 0) break;
    chosen.push(agreement);
    rest -= ledger.promised.get(agreement.client) ?? 0;
  }
  return chosen;
}

/** These clients' agreements run out. */
export function withNotice(relaying: Relaying, clients: Iterable<PeerId>): Relaying {
  return noticing(relaying, clients, true);
}

/** These clients' agreements run on, though they had notice. */
export function withoutNotice(relaying: Relaying, clients: Iterable<PeerId>): Relaying {
  return noticing(relaying, clients, false);
}

function noticing(relaying: Relaying, clients: Iterable<PeerId>, noticed: boolean): Relaying {
  const agreements = new Map(relaying.agreements);
  for (const client of clients) {
    const agreement = agreements.get(client);
    if (agreement !== undefined) agreements.set(client, { ...agreement, noticed });
  }
  return { ...relaying, agreements };
}
