/**
 * Negotiation's relay side, step by step: answer clients, keep the ledger, take back what was promised too much. Pure.
 */
import type { PeerId, ReleaseReason } from '../messages.ts';
import { routesOfPaths } from '../paths.ts';
import { DELAYS } from '../timers.ts';
import { selfOf, type View } from '../view.ts';
import { type Answer, accept, decide } from './answering.ts';
import { overdrawnBps, promisedBps } from './ledger.ts';
import {
  drain,
  drop,
  endDraining,
  lapseOffer,
  orphansOf,
  type Relaying,
  reclaimable,
  relayedRoutes,
  withNotice,
} from './relaying.ts';
import {
  type Accept,
  type Command,
  type Context,
  type Outcome,
  PRESENCES_WITHOUT_RENEWAL,
  type Release,
  type Request,
} from './state.ts';

/** Agreements with peers that are gone end, on both sides; the ledger follows the own upload. */
export function takeView(context: Context, { view }: { view: View }): Outcome {
  const commands: Command[] = [];
  let { relaying } = context;
  const orphans = orphansOf(relaying, view).map(({ id }) => id);
  for (const id of orphans) {
    commands.push({ do: 'closeRelay', agreement: id });
    relaying = drop(relaying, id);
  }
  const deferred = withoutRest(context.deferred, orphans);
  for (const [relay, { id }] of context.asked) {
    if (!view.members.has(relay))
      commands.push({ do: 'tellClient', agreement: id, event: { type: 'end', reason: 'client.done' } });
  }
  const { usableBps, lendBps } = selfOf(view);
  if (relaying.ledger.usableBps !== usableBps || relaying.ledger.lendBps !== lendBps)
    relaying = { ...relaying, ledger: { ...relaying.ledger, usableBps, lendBps } };
  return { patch: { view, relaying, deferred, ...ofMembers(context, view) }, commands };
}

/** What is known of members, without those that are gone. */
function ofMembers(context: Context, view: View): Pick<Context, 'failures' | 'mediaAlive' | 'silent'> | undefined {
  const isMember = (peer: PeerId) => view.members.has(peer);
  const { failures, mediaAlive, silent } = context;
  if ([failures, mediaAlive, silent].every((known) => [...known.keys()].every(isMember))) return undefined;
  return {
    failures: new Map([...failures].filter(([peer]) => isMember(peer))),
    mediaAlive: new Set([...mediaAlive].filter(isMember)),
    silent: new Set([...silent].filter(isMember)),
  };
}

/** So many requests may wait at once; a room's worth of clients that ask at the same moment. More are answered as things stand. */
const MOST_WAITING = 64;

/** Why a request is looked at: it has come, the view or the ledger has changed, or it has waited for its patience. */
type Occasion = 'arrival' | 'change' | 'patience';

/** A request: an offer, a reject, or patience while the view may still learn of those it names, and others may let go. */
export function consider(context: Context, { request, on = 'arrival' }: { request: Request; on?: Occasion }): Outcome {
  const { agreement: id, revision } = request.body;
  const waiting = context.deferred.get(id);
  const known = waiting?.request.from === request.from ? waiting : undefined;
  // A late copy of what the client no longer asks for.
  if (known !== undefined && revision < known.request.body.revision) return {};
  // A second copy of the request: the client is getting impatient.
  const again = on === 'arrival' && known?.request.body.revision === revision;
  const mayWait = waiting !== undefined || context.deferred.size < MOST_WAITING;
  const answered = on !== 'arrival' && known?.answered === true;
  const patient = on !== 'patience' && mayWait && !again;
  const decision = decide(context.relaying, request.from, request.body, { ...context, patient, answered });
  const deferred = new Map(context.deferred);
  if (decision.type === 'stale') return {};
  const drains = drainingAfter(context.relaying, decision.relaying, id);
  if (decision.type === 'deferred') {
    deferred.set(id, { request, answered });
    // One without an answer waits already, and no longer for having been looked at again.
    const waits = on === 'arrival' || (on === 'change' && answered && decision.more);
    const commands: Command[] = [...drains, ...(waits ? [{ do: 'wait', agreement: id } as const] : [])];
    return { patch: { deferred, relaying: decision.relaying }, commands };
  }
  // Refused for want of capacity alone it goes on waiting, until its client asks again.
  if (on === 'patience' && isForWantOfCapacity(decision)) return {};
  if (decision.type === 'offered' && !decision.complete && mayWait) deferred.set(id, { request, answered: true });
  else deferred.delete(id);
  return {
    patch: { deferred, relaying: decision.relaying },
    commands: [
      ...drains,
      ...bookkeeping(id, request.from, decision),
      { do: 'publish', to: request.from, message: decision.reply },
    ],
  };
}

/** Where a step made legs drain that did not before. */
function drainingAfter(before: Relaying, after: Relaying, agreement: string): Command[] {
  return after.draining.get(agreement) === before.draining.get(agreement) ? [] : [{ do: 'drain', agreement }];
}

function isForWantOfCapacity({ reply: { kind, body } }: Answer): boolean {
  return kind === 'relay.reject' && body.code === 'capacity.exhausted';
}

function bookkeeping(agreement: string, client: PeerId, decision: Answer): Command[] {
  if (decision.type === 'offered' && decision.fresh) return [{ do: 'openRelay', agreement, client }];
  if (decision.type === 'offered' && decision.accepted) {
    const legs = decision.relaying.agreements.get(agreement)?.inForce?.legs ?? [];
    return [changed(agreement, client, 'active', legs)];
  }
  if (decision.type === 'offered') return [{ do: 'tellRelay', agreement, event: { type: 'offered' } }];
  if (!decision.ends) return [];
  return [{ do: 'tellRelay', agreement, event: { type: 'end', reason: 'client.done', tellClient: false } }];
}

/** A request has waited long enough: what can be granted of it is, and the rest as soon as others let go. */
export function answerDeferred(context: Context, { agreement }: { agreement: string }): Outcome {
  const waiting = context.deferred.get(agreement);
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

export function takeAccept(context: Context, { message }: { message: Accept }): Outcome {
  const { agreement: id } = message.body;
  const acceptance = accept(context.relaying, message.from, message.body);
  if (acceptance.type === 'stale') return {};
  if (acceptance.type === 'unknown')
    return { commands: [{ do: 'publish', to: message.from, message: acceptance.reply }] };
  const heardSinceRenewal = new Map(context.heardSinceRenewal);
  heardSinceRenewal.delete(id);
  const amends = acceptance.type === 'amended';
  const renewal: Command = { do: 'tellRelay', agreement: id, event: { type: 'accepted', amends } };
  if (!amends) return { patch: { heardSinceRenewal }, commands: [renewal] };
  const legs = acceptance.relaying.agreements.get(id)?.inForce?.legs ?? [];
  return {
    patch: { heardSinceRenewal, relaying: acceptance.relaying },
    commands: [renewal, changed(id, message.from, 'active', legs)],
  };
}

/** A client lets go of what we relay for it. */
export function takeRelease(context: Context, { message }: { message: Release }): Outcome {
  const { agreement: id, reason } = message.body;
  const deferred = new Map(context.deferred);
  // What still waits for an answer is no longer wanted.
  if (deferred.get(id)?.request.from === message.from) deferred.delete(id);
  if (context.relaying.agreements.get(id)?.client !== message.from) return { patch: { deferred } };
  const end: Command = { do: 'tellRelay', agreement: id, event: { type: 'end', reason, tellClient: false } };
  return { patch: { deferred }, commands: [end] };
}

export function lapseAmendment(context: Context, { agreement }: { agreement: string }): Outcome {
  return { patch: { relaying: lapseOffer(context.relaying, agreement) } };
}

/**
 * A lease ran out: over, unless the bus is what failed, the client's media still comes, and by its last presence it comes this way.
 */
export function judgeLease(context: Context, { agreement: id }: { agreement: string }): Outcome {
  const client = context.relaying.agreements.get(id)?.client;
  if (client === undefined) return {};
  const { view, busAway, mediaAlive } = context;
  const onBus = !busAway && (context.heardSinceRenewal.get(id) ?? 0) >= PRESENCES_WITHOUT_RENEWAL;
  const isUsed = view.members.get(client)?.routes.some(({ relay }) => relay === view.self) ?? false;
  const proven = !onBus && mediaAlive.has(client) && isUsed;
  return {
    commands: [
      {
        do: 'tellRelay',
        agreement: id,
        event: proven ? { type: 'proven' } : { type: 'end', reason: 'lease.expired', tellClient: true },
      },
    ],
  };
}

export function dropAgreement(
  context: Context,
  { agreement: id, reason }: { agreement: string; reason: ReleaseReason },
): Outcome {
  const agreement = context.relaying.agreements.get(id);
  const commands: Command[] = [{ do: 'closeRelay', agreement: id }];
  if (agreement === undefined) return { commands };
  const relaying = drain(context.relaying, id);
  commands.push(changed(id, agreement.client, 'ended', [], reason), ...drainingAfter(context.relaying, relaying, id));
  return { patch: { relaying, deferred: withoutRest(context.deferred, [id]) }, commands };
}

/** What clients had sent before they let go has come. */
export function finishDraining(context: Context, { agreement }: { agreement: string }): Outcome {
  return { patch: { relaying: endDraining(context.relaying, agreement) } };
}

/** Whose agreement is over gets no more of what was asked for by it. */
function withoutRest(deferred: Context['deferred'], ids: readonly string[]): Context['deferred'] {
  const gone = ids.filter((id) => deferred.get(id)?.answered);
  return gone.length === 0 ? deferred : new Map([...deferred].filter(([id]) => !gone.includes(id)));
}

/** More is promised than the own stream and the lending leave: the newest agreements get notice. */
export function reclaim(context: Context): Outcome {
  const { relaying } = context;
  const ids = reclaimable(relaying, overdrawnBps(relaying.ledger)).map(({ id }) => id);
  return {
    patch: { relaying: withNotice(relaying, ids) },
    commands: ids.map((id) => notice(id, 'relay.reclaimed', DELAYS.reclaimNotice)),
  };
}

/** We leave: every client gets notice, and no new one is taken. */
export function giveNotice(context: Context): Outcome {
  const ids = [...context.relaying.agreements.keys()];
  return {
    patch: { leaving: true, relaying: withNotice(context.relaying, ids) },
    commands: ids.map((id) => notice(id, 'relay.leaving', DELAYS.leaveDeadline)),
  };
}

/** Forwarding forwards what is promised; the room hears how the own source runs. Nothing is said twice. */
export function tell(context: Context): Outcome {
  const { view, relaying, inForce } = context;
  const routes = relayedRoutes(relaying, view);
  const announcement = { routes: routesOfPaths(inForce), promisedBps: promisedBps(relaying.ledger) };
  const told = { ...context.told, relayed: JSON.stringify(routes), announced: JSON.stringify(announcement) };
  const commands: Command[] = [];
  if (told.relayed !== context.told.relayed) commands.push({ do: 'tell', news: { type: 'routes.relayed', routes } });
  if (told.announced !== context.told.announced)
    commands.push({ do: 'tell', news: { type: 'announce', ...announcement } });
  return commands.length === 0 ? {} : { patch: { told }, commands };
}

export function noteHeard(context: Context, { peer }: { peer: PeerId }): Outcome {
  if (!hasClient(context.relaying, peer)) return {};
  const heardSinceRenewal = new Map<string, number>();
  for (const { id, client } of context.relaying.agreements.values()) {
    const before = context.heardSinceRenewal.get(id) ?? 0;
    heardSinceRenewal.set(id, client === peer ? before + 1 : before);
  }
  return { patch: { heardSinceRenewal } };
}

function hasClient({ agreements }: Context['relaying'], peer: PeerId): boolean {
  for (const { client } of agreements.values()) if (client === peer) return true;
  return false;
}

export function noteMedia(context: Context, { peer, alive }: { peer: PeerId; alive: boolean }): Outcome {
  const mediaAlive = new Set(context.mediaAlive);
  if (alive) mediaAlive.add(peer);
  else mediaAlive.delete(peer);
  return { patch: { mediaAlive } };
}

function notice(agreement: string, reason: ReleaseReason, noticeMs: number): Command {
  return { do: 'tellRelay', agreement, event: { type: 'notice', reason, noticeMs } };
}

function changed(
  agreement: string,
  peer: PeerId,
  state: 'active' | 'ended',
  legs: readonly { receiver: PeerId; slices: number }[],
  reason?: string,
): Command {
  const entry = { type: 'agreement.changed', agreement, role: 'relay', peer, state, legs } as const;
  return { do: 'note', entry: reason === undefined ? entry : { ...entry, reason } };
}
