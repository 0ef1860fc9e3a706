/**
 * Negotiation's relay side, step by step: answer clients, keep the ledger, take back what was promised too much. Pure.
 */

import { routesOfStreams } from '../forwarding/own-streams.ts';
import type { PeerId, ReleaseReason } from '../messages.ts';
import { sameData } from '../same-data.ts';
import { DELAYS, leaseMsOf } from '../timers.ts';
import { isCut, selfOf, type View } from '../view.ts';
import { withoutItem } from '../without.ts';
import { stillAvoided } from './accusing.ts';
import { type Answer, decide } from './answering.ts';
import { awayMs } from './distance.ts';
import { overdrawnBps, promisedBps } from './ledger.ts';
import type { Terms } from './legs.ts';
import {
  drain,
  drop,
  endDraining,
  type Relaying,
  reclaimable,
  relayedRoutes,
  withNotice,
  withoutNotice,
} from './relaying.ts';
import type { Command, Context, Outcome, Release, Request } from './state.ts';

/** Agreements with peers that are gone end, on both sides; the ledger follows the own upload. */
export function takeView(context: Context, { view }: { view: View }): Outcome {
  const commands: Command[] = [];
  let { relaying } = context;
  for (const client of relaying.agreements.keys()) {
    if (view.members.has(client)) continue;
    commands.push({ do: 'closeRelay', client });
    relaying = drop(relaying, client);
  }
  for (const [relay, { id }] of context.asked) {
    if (!view.members.has(relay))
      commands.push({ do: 'tellClient', agreement: id, event: { type: 'end', reason: 'client.done' } });
  }
  const { usableBps, lendBps } = selfOf(view);
  if (relaying.ledger.usableBps !== usableBps || relaying.ledger.lendBps !== lendBps)
    relaying = { ...relaying, ledger: { ...relaying.ledger, usableBps, lendBps } };
  const listing = takeListings({ ...context, relaying }, view);
  return {
    patch: { view, relaying: listing.relaying, avoided: stillAvoided(context, view), ...ofMembers(context, view) },
    commands: [...commands, ...listing.commands],
  };
}

/** Clients' profiles say which agreements they hold: these stand, others run out. */
function takeListings(context: Context, view: View): { relaying: Relaying; commands: Command[] } {
  const commands: Command[] = [];
  let { relaying } = context;
  for (const [id, member] of view.members) {
    if (member === context.view.members.get(id) || id === view.self) continue;
    const held = member.agreements.find(({ relay }) => relay === view.self);
    const agreement = relaying.agreements.get(id);
    const listed = held?.agreement === agreement?.id && held?.revision === agreement?.revision;
    if (agreement === undefined || agreement.listed === listed) continue;
    relaying = { ...relaying, agreements: new Map(relaying.agreements).set(id, { ...agreement, listed }) };
    commands.push({ do: 'tellRelay', client: id, event: { type: 'listed', is: listed } });
  }
  return { relaying, commands };
}

/** What is known of members, without those that are gone. Nobody's request waits longer than he is there. */
function ofMembers(context: Context, view: View): Partial<Context> {
  const isMember = (peer: PeerId) => view.members.has(peer);
  const { failures, fallen, mediaAlive, refusals, silent, unheard, witnesses, deferred } = context;
  const hasLeft = (peer: PeerId) => !isMember(peer) && context.view.members.has(peer);
  const waiting = [...deferred.keys()].some(hasLeft)
    ? new Map([...deferred].filter(([peer]) => !hasLeft(peer)))
    : deferred;
  // Whose profile is another one has been heard.
  const isStillUnheard = (peer: PeerId) => isMember(peer) && view.members.get(peer) === context.view.members.get(peer);
  // Whom no way leads to is heard by nobody, and is served over others.
  const isStillSilent = (peer: PeerId) => isMember(peer) && !isCut(view, view.self, peer);
  const isUpToDate =
    [failures, mediaAlive, refusals, witnesses].every((known) => [...known.keys()].every(isMember)) &&
    [...silent].every(isStillSilent) &&
    [...unheard, ...fallen].every(isStillUnheard);
  if (isUpToDate) return { deferred: waiting };
  return {
    deferred: waiting,
    failures: new Map([...failures].filter(([peer]) => isMember(peer))),
    refusals: new Map([...refusals].filter(([peer]) => isMember(peer))),
    witnesses: new Map([...witnesses].filter(([peer]) => isMember(peer))),
    mediaAlive: new Set([...mediaAlive].filter(isMember)),
    silent: new Set([...silent].filter(isStillSilent)),
    unheard: new Set([...unheard].filter(isStillUnheard)),
    fallen: new Set([...fallen].filter(isStillUnheard)),
  };
}

/** So many requests of peers that the view does not know yet may wait at once: a room's worth that joins at the same moment. */
const MOST_STRANGERS_WAITING = 64;

/** Why a request is looked at: it has come, the view or the ledger has changed, or it has waited for its patience. */
type Occasion = 'arrival' | 'change' | 'patience';

/** A request: an offer, a reject, or patience while the view may still learn of those it names, and others may let go. */
export function consider(context: Context, { request, on = 'arrival' }: { request: Request; on?: Occasion }): Outcome {
  const client = request.from;
  const { revision } = request.body;
  const known = context.deferred.get(client);
  // A late copy of what the client no longer asks for.
  if (known !== undefined && revision < known.request.body.revision) return {};
  // A second copy of the request: the client is getting impatient.
  const again = on === 'arrival' && known?.request.body.revision === revision;
  const mayWait =
    known !== undefined || context.view.members.has(client) || strangersIn(context) < MOST_STRANGERS_WAITING;
  const answered = on !== 'arrival' && known?.answered === true;
  const patient = on !== 'patience' && mayWait && !again;
  const decision = decide(context.relaying, client, request.body, { ...context, patient, answered });
  const deferred = new Map(context.deferred);
  if (decision.type === 'stale') return {};
  const drains = drainingAfter(context, decision.relaying, client);
  if (decision.type === 'deferred') {
    deferred.set(client, { request, answered });
    // One without an answer waits already, and no longer for having been looked at again.
    const waits = on === 'arrival' || (answered && decision.more);
    const commands: Command[] = [...drains, ...(waits ? [{ do: 'wait', client } as const] : [])];
    return { patch: { deferred, relaying: decision.relaying }, commands };
  }
  // Refused for want of capacity, or of a way, it goes on waiting, until its client asks again.
  if (on === 'patience' && mayPass(decision) && context.view.members.has(client))
    return { patch: { relaying: decision.relaying }, commands: drains };
  if (decision.type === 'granted' && !decision.complete && mayWait) deferred.set(client, { request, answered: true });
  else deferred.delete(client);
  return {
    patch: { deferred, relaying: decision.relaying },
    commands: [
      ...drains,
      ...bookkeeping(context, client, decision),
      { do: 'publish', to: client, message: decision.reply },
    ],
  };
}

function strangersIn({ deferred, view }: Context): number {
  return [...deferred.keys()].filter((client) => !view.members.has(client)).length;
}

/** Where a step made legs drain that did not before. */
function drainingAfter(context: Context, { draining }: Relaying, client: PeerId): Command[] {
  if (draining.get(client) === context.relaying.draining.get(client)) return [];
  return [{ do: 'drain', client, forMs: DELAYS.drain + awayMs(context, [client]) }];
}

function mayPass({ reply: { kind, body } }: Answer): boolean {
  return kind === 'relay.reject' && (body.code === 'capacity.exhausted' || body.code === 'receiver.unreachable');
}

/** The agreement's machine follows what was decided; a new id is a new agreement in the place of the old one. */
function bookkeeping({ relaying: { agreements }, view }: Context, client: PeerId, decision: Answer): Command[] {
  if (decision.type === 'rejected' || decision.repeated) return [];
  const before = agreements.get(client);
  const now = decision.relaying.agreements.get(client);
  if (now === undefined) return [];
  const leaseMs = leaseMsOf(view.members.size);
  const told = changed(now.id, client, 'active', now.streams);
  if (before?.id === now.id) {
    return [...runsOn(client, leaseMs, now.listed), told];
  }
  const replaced: Command[] =
    before === undefined ? [] : [{ do: 'closeRelay', client }, changed(before.id, client, 'ended', [], 'client.done')];
  return [...replaced, { do: 'openRelay', agreement: now.id, client, leaseMs }, told];
}

/** An agreement's machine begins its lease anew, or goes by the client's profile where that names it. */
function runsOn(client: PeerId, leaseMs: number, listed: boolean): Command[] {
  const granted: Command = { do: 'tellRelay', client, event: { type: 'granted', leaseMs } };
  return listed ? [granted, { do: 'tellRelay', client, event: { type: 'listed', is: true } }] : [granted];
}

/** A request has waited long enough: what can be granted of it is, and the rest as soon as others let go. */
export function answerDeferred(context: Context, { client }: { client: PeerId }): Outcome {
  const waiting = context.deferred.get(client);
  return waiting === undefined ? {} : consider(context, { request: waiting.request, on: 'patience' });
}

/** The view or the ledger has changed: requests that waited for it may be answerable. */
export function considerDeferred(context: Context): Outcome {
  if (context.deferred.size === 0) return {};
  let current = context;
  const commands: Command[] = [];
  for (const { request } of context.deferred.values()) {
    const outcome = consider(current, { request, on: 'change' });
    current = { ...current, ...outcome.patch };
    commands.push(...(outcome.commands ?? []));
  }
  return { patch: { deferred: current.deferred, relaying: current.relaying }, commands };
}

/** A client lets go of what we relay for it. */
export function takeRelease(context: Context, { message: { from, body } }: { message: Release }): Outcome {
  const deferred = new Map(context.deferred);
  // What still waits for an answer is no longer wanted.
  if (deferred.get(from)?.request.body.agreement === body.agreement) deferred.delete(from);
  if (context.relaying.agreements.get(from)?.id !== body.agreement) return { patch: { deferred } };
  const end: Command = {
    do: 'tellRelay',
    client: from,
    event: { type: 'end', reason: body.reason, tellClient: false },
  };
  return { patch: { deferred }, commands: [end] };
}

/**
 * The client does not say that it holds what it was granted: over, unless the bus is what failed, and its media still comes.
 */
export function judgeLease(context: Context, { client }: { client: PeerId }): Outcome {
  const { busAway, unheard, mediaAlive, relaying } = context;
  if (!relaying.agreements.has(client)) return {};
  const proven = mediaAlive.has(client) && (busAway || unheard.has(client));
  return {
    commands: [
      {
        do: 'tellRelay',
        client,
        event: proven ? { type: 'proven' } : { type: 'end', reason: 'lease.expired', tellClient: true },
      },
    ],
  };
}

export function dropAgreement(
  context: Context,
  { client, agreement: id, reason }: { client: PeerId; agreement: string; reason: ReleaseReason },
): Outcome {
  // Replaced by another one of this client since.
  if (context.relaying.agreements.get(client)?.id !== id) return {};
  const relaying = drain(context.relaying, client);
  const deferred = new Map(context.deferred);
  // Whose agreement is over gets no more of what was asked for by it.
  if (deferred.get(client)?.answered) deferred.delete(client);
  return {
    patch: { relaying, deferred },
    commands: [
      { do: 'closeRelay', client },
      changed(id, client, 'ended', [], reason),
      ...drainingAfter(context, relaying, client),
    ],
  };
}

/** What the client had sent before it let go has come. */
export function finishDraining(context: Context, { client }: { client: PeerId }): Outcome {
  return { patch: { relaying: endDraining(context.relaying, client) } };
}

/** More is promised than the own streams and the lending leave: the newest agreements get notice. */
export function reclaim(context: Context): Outcome {
  const { relaying } = context;
  const clients = reclaimable(relaying, overdrawnBps(relaying.ledger)).map(({ client }) => client);
  return {
    patch: { relaying: withNotice(relaying, clients) },
    commands: clients.map((client) =>
      notice(client, 'relay.reclaimed', DELAYS.reclaimNotice + awayMs(context, [client])),
    ),
  };
}

/** Nothing more need be reclaimed: clients that have found nobody else stay. */
export function withdrawNotices(context: Context): Outcome {
  const { relaying, leaving, view } = context;
  const noticed = [...relaying.agreements.values()].filter((agreement) => agreement.noticed);
  if (leaving || noticed.length === 0) return {};
  const leaseMs = leaseMsOf(view.members.size);
  return {
    patch: {
      relaying: withoutNotice(
        relaying,
        noticed.map(({ client }) => client),
      ),
    },
    commands: noticed.flatMap(({ client, listed }) => runsOn(client, leaseMs, listed)),
  };
}

/** Others' pairs with us have proved a way, or have lost it. */
export function takeReached(_: Context, { peers }: { peers: ReadonlyMap<PeerId, number> }): Outcome {
  return { patch: { reached: peers } };
}

/** We leave: every client gets notice, and no new one is taken. */
export function giveNotice(context: Context): Outcome {
  const clients = [...context.relaying.agreements.keys()];
  return {
    patch: { leaving: true, relaying: withNotice(context.relaying, clients) },
    commands: clients.map((client) => notice(client, 'relay.leaving', DELAYS.leaveDeadline)),
  };
}

/** Forwarding forwards what is promised; the room hears how the own streams run. Nothing is said twice. */
export function tell(context: Context): Outcome {
  const relayed = relayedNews(context);
  const announced = announcement(context);
  if (relayed === NO_NEWS && announced === NO_NEWS) return {};
  const told = { ...context.told, ...relayed.told, ...announced.told };
  return { patch: { told }, commands: [...relayed.commands, ...announced.commands] };
}

interface News {
  readonly told: Partial<Context['told']>;
  readonly commands: readonly Command[];
}

const NO_NEWS: News = { told: {}, commands: [] };

/** Compared by what it comes from first: a relay of a hundred clients has tens of thousands of legs. */
function relayedNews({ view, relaying, told }: Context): News {
  const { agreements, draining } = relaying;
  const { from } = told;
  if (from.view === view && from.agreements === agreements && from.draining === draining) return NO_NEWS;
  const relayed = relayedRoutes(relaying, view);
  const known = { from: { view, agreements, draining } };
  if (sameData(relayed, told.relayed)) return { told: known, commands: [] };
  return { told: { ...known, relayed }, commands: [{ do: 'tell', news: { type: 'routes.relayed', routes: relayed } }] };
}

function announcement({ inForce, asked, relaying, told }: Context): News {
  const { of } = told;
  if (of.inForce === inForce && of.asked === asked && of.ledger === relaying.ledger) return NO_NEWS;
  const agreements = [...asked].flatMap(([relay, { id, revision, granted }]) =>
    granted.length === 0 ? [] : [{ relay, agreement: id, revision }],
  );
  const announced = { routes: routesOfStreams(inForce), agreements, promisedBps: promisedBps(relaying.ledger) };
  const known = { of: { inForce, asked, ledger: relaying.ledger } };
  if (sameData(announced, told.announced)) return { told: known, commands: [] };
  return { told: { ...known, announced }, commands: [{ do: 'tell', news: { type: 'announce', ...announced } }] };
}

export function noteMedia(context: Context, { peer, alive }: { peer: PeerId; alive: boolean }): Outcome {
  if (alive === context.mediaAlive.has(peer)) return {};
  const { fallen, mediaAlive } = context;
  if (!alive) return { patch: { mediaAlive: withoutItem(mediaAlive, peer), fallen: new Set(fallen).add(peer) } };
  if (!context.view.members.has(peer)) return {};
  return { patch: { mediaAlive: new Set(mediaAlive).add(peer), fallen: withoutItem(fallen, peer) } };
}

export function noteUnheard(context: Context, { peer }: { peer: PeerId }): Outcome {
  return context.view.members.has(peer) ? { patch: { unheard: new Set(context.unheard).add(peer) } } : {};
}

function notice(client: PeerId, reason: ReleaseReason, noticeMs: number): Command {
  return { do: 'tellRelay', client, event: { type: 'notice', reason, noticeMs } };
}

function changed(agreement: string, peer: PeerId, state: 'active' | 'ended', terms: Terms, reason?: string): Command {
  const legs = terms.flatMap(({ stream, legs }) => legs.map((leg) => ({ stream, ...leg })));
  const entry = { type: 'agreement.changed', agreement, role: 'relay', peer, state, legs } as const;
  return { do: 'note', entry: reason === undefined ? entry : { ...entry, reason } };
}
