/**
 * Negotiation's client side, step by step: plan the own source, ask relays, run what is granted, doubt who fails. Pure.
 */
import type { Incoming, Leg, PeerId, RejectCode, ReleaseReason } from '../messages.ts';
import { type Paths, pathsOfRoutes, relaysIn, routesOfPaths, samePaths, sendingBps, unionPaths } from '../paths.ts';
import { planFor } from '../roomPlan.ts';
import { sliceCount } from '../slices.ts';
import { DELAYS } from '../timers.ts';
import { selfOf } from '../view.ts';
import { type Asked, requestsOf, runnable, sameTerms, shortOf, wantedBps } from './carryOut.ts';
import type { Terms } from './clientAgreement.ts';
import { legsBps, promisedBps } from './ledger.ts';
import { type Command, type Complaint, type Context, type Outcome, PATIENCE_WITH_RELAY, situationOf } from './state.ts';

/** The distrust of a relay that fails again and again doubles this often at most. */
const MOST_DOUBLINGS = 4;

/** What the room's plan wants of the own source. */
export function plan(context: Context): Outcome {
  const { view, relaying } = context;
  const ownRoutes = routesOfPaths(context.inForce).map((route) => ({ source: view.self, ...route }));
  const own = planFor(view, context, ownRoutes);
  const wanted = pathsOfRoutes(own.routes);
  const wantedRateBps = steadyRate(context.wantedRateBps, own.rateBps);
  const next = { ...context, wanted, wantedRateBps };
  const commands: Command[] = [];
  const before = relaysIn(context.wanted);
  const relays = [...relaysIn(wanted)].filter((relay) => !before.has(relay));
  if (relays.length > 0) commands.push({ do: 'note', entry: { type: 'relay.needed', relays } });
  const receivers = own.unserved.map(({ receiver }) => receiver).sort();
  const unserved = receivers.join();
  if (unserved !== context.told.unserved) commands.push({ do: 'note', entry: { type: 'pairs.unserved', receivers } });
  const ledger = { ...relaying.ledger, ownWantedBps: wantedBps(next) };
  const told = { ...context.told, unserved };
  return { patch: { wanted, wantedRateBps, relaying: { ...relaying, ledger }, told }, commands };
}

/** A rate that could be higher by less than this is left as it is. */
const WORTH_RAISING = 1.005;

/** The planned rate, but for a rise that is not worth the amendment of every agreement. */
function steadyRate(beforeBps: number, plannedBps: number): number {
  return plannedBps > beforeBps && plannedBps < beforeBps * WORTH_RAISING ? beforeBps : plannedBps;
}

/** Open, amend and end agreements so that they become what the wanted paths need. */
export function ask(context: Context): Outcome {
  const { terms, end } = requestsOf(situationOf(context));
  const asked = new Map(context.asked);
  const commands: Command[] = [];
  let { opened } = context;
  for (const [relay, wanted] of terms) {
    const known = asked.get(relay);
    if (known === undefined) {
      opened += 1;
      const id = `${context.view.self}.${context.epoch}.${opened}`;
      asked.set(relay, { id, terms: wanted, granted: [], rateBps: 0 });
      commands.push({ do: 'openClient', agreement: id, relay, terms: wanted });
    } else if (!sameTerms(known.terms, wanted)) {
      asked.set(relay, { ...known, ...narrowed(known, wanted), terms: wanted });
      commands.push({ do: 'tellClient', agreement: known.id, event: { type: 'terms', terms: wanted } });
    }
  }
  for (const relay of end) {
    const known = asked.get(relay);
    if (known) commands.push({ do: 'tellClient', agreement: known.id, event: { type: 'end', reason: 'client.done' } });
  }
  return { patch: { asked, opened }, commands };
}

/** The relay takes what is no longer asked for as given back at once: it is not to be used any more. */
function narrowed({ granted, rateBps }: Asked, terms: Terms): Pick<Asked, 'granted' | 'rateBps'> {
  const wanted = new Map(terms.legs.map(({ receiver, slices }) => [receiver, slices]));
  const legs = granted.flatMap(({ receiver, slices }) => {
    const rest = slices & (wanted.get(receiver) ?? 0);
    return rest === 0 ? [] : [{ receiver, slices: rest }];
  });
  return { granted: legs, rateBps: Math.min(rateBps, terms.rateBps) };
}

/** What was refused or granted in part is asked for once more: others may have let go. */
export function askAgain(context: Context): Outcome {
  const short = shortOf(context);
  const commands: Command[] = short.flatMap((relay) => {
    const known = context.asked.get(relay);
    // A request under way has its own retries; one that was refused is over, and a new one is opened for it.
    if (known === undefined || !context.refusals.has(relay)) return [];
    return [{ do: 'tellClient', agreement: known.id, event: { type: 'terms', terms: known.terms } }];
  });
  return { patch: { shortfalls: short.length === 0 ? 0 : context.shortfalls + 1 }, commands };
}

/** Does the plan rely on relays that have lost their trust since? Alone, nobody plans anew while others carry out the plan of all. */
export function isDoubtful({ wanted, distrusted }: Context): boolean {
  return [...relaysIn(wanted)].some((relay) => distrusted.has(relay));
}

/** Put the paths in force that can run now; tell forwarding where they changed. */
export function run(context: Context): Outcome {
  const { paths, rateBps } = runnable(situationOf(context));
  const relaying = withOwnInUse(context.relaying, sendingBps(paths, rateBps));
  const { ledger } = relaying;
  if (samePaths(paths, context.inForce) && rateBps === context.rateBps) return { patch: { relaying } };
  const allowanceBps = Math.max(0, selfOf(context.view).uploadBps - promisedBps(ledger));
  const commands: Command[] = [{ do: 'tell', news: { type: 'routes.own', paths, rateBps, allowanceBps } }];
  if (rateBps !== context.rateBps) commands.push({ do: 'note', entry: { type: 'rate.changed', rateBps } });
  const complaints = stillValid(context, paths);
  return { patch: { relaying, inForce: paths, held: unionPaths(context.held, paths), rateBps, complaints }, commands };
}

function withOwnInUse(relaying: Context['relaying'], ownInUseBps: number): Context['relaying'] {
  if (relaying.ledger.ownInUseBps === ownInUseBps) return relaying;
  return { ...relaying, ledger: { ...relaying.ledger, ownInUseBps } };
}

/** A complaint stands while the receiver's ways are as they were. */
function stillValid({ complaints, inForce }: Context, paths: Paths): Context['complaints'] {
  if (complaints.size === 0) return complaints;
  return new Map(
    [...complaints].map(([relay, receivers]) => {
      const same = [...receivers].filter(
        (receiver) => paths.get(receiver)?.get(relay) === inForce.get(receiver)?.get(relay),
      );
      return [relay, new Set(same)];
    }),
  );
}

type RelaysMessage = Extract<Incoming, { kind: 'relay.offer' | 'relay.reject' | 'relay.release' }>;

/** A message of a relay: for the agreement it names, if that relay holds it. */
export function passToClient(context: Context, { message }: { message: RelaysMessage }): Outcome {
  const known = context.asked.get(message.from);
  const { agreement } = message.body;
  if (known?.id === agreement) return { commands: [{ do: 'tellClient', agreement, event: eventOf(message) }] };
  // An offer that crossed our letting go: the relay would hold it for us until nobody has accepted for long enough.
  return message.kind === 'relay.offer' ? { commands: [unwanted(message.from, agreement)] } : {};
}

function unwanted(relay: PeerId, agreement: string): Command {
  const body = { agreement, reason: 'client.done' as const, noticeMs: 0 };
  return { do: 'publish', to: relay, message: { kind: 'relay.release', body } };
}

function eventOf(message: RelaysMessage) {
  if (message.kind === 'relay.offer') return { type: message.kind, body: message.body };
  if (message.kind === 'relay.reject') return { type: message.kind, body: message.body };
  return { type: message.kind, body: message.body };
}

/** The relay's reports prove that it forwards. */
export function confirm(context: Context, { relay }: { relay: PeerId }): Outcome {
  const known = context.asked.get(relay);
  return known ? { commands: [{ do: 'tellClient', agreement: known.id, event: { type: 'relay.confirmed' } }] } : {};
}

interface Granting {
  readonly relay: PeerId;
  readonly legs: readonly Leg[];
  readonly rateBps: number;
}

/** Does the relay grant less than it was asked for? */
export function isPartial({ asked }: Context, { relay, legs }: Granting): boolean {
  const granted = new Map(legs.map(({ receiver, slices }) => [receiver, slices]));
  return (asked.get(relay)?.terms.legs ?? []).some(({ receiver, slices }) => granted.get(receiver) !== slices);
}

export function noteGranted(context: Context, granting: Granting): Outcome {
  const { relay, legs, rateBps } = granting;
  const known = context.asked.get(relay);
  if (known === undefined) return {};
  const asked = new Map(context.asked).set(relay, { ...known, granted: legs, rateBps });
  const refusals = isPartial(context, granting)
    ? new Map(context.refusals).set(relay, (context.refusals.get(relay) ?? 0) + 1)
    : withoutKey(context.refusals, relay);
  const complete = shortOf({ ...context, asked }).length === 0;
  // Something is moving: the rest is asked for again soon, and nothing need be given up for it.
  const progress = complete || legsBps(legs, rateBps) > legsBps(known.granted, rateBps);
  return { patch: { asked, refusals, shortfalls: progress ? 0 : context.shortfalls } };
}

/** A relay said no. Full it may be for a moment only; any other reason, or too many times full, means another relay. */
export function noteRefused(
  context: Context,
  { relay, code }: { relay: PeerId; code: RejectCode | 'timeout' },
): Outcome {
  const count = (context.refusals.get(relay) ?? 0) + 1;
  // Where the own bus is away, silence says nothing about the relay.
  const excused = code === 'timeout' && context.busAway;
  const enough = !excused && (count >= PATIENCE_WITH_RELAY || !mayPass(context, relay, code));
  const refusals = new Map(context.refusals).set(relay, count);
  return enough ? distrust({ ...context, refusals }, { relay }) : { patch: { refusals } };
}

/** May the same relay grant in a moment what it does not grant now? While it forwards, its reports say that it lives: an answer was lost. */
function mayPass({ asked }: Context, relay: PeerId, code: RejectCode | 'timeout'): boolean {
  if (code === 'timeout') return (asked.get(relay)?.granted.length ?? 0) > 0;
  return code === 'capacity.exhausted';
}

export function forgetAsked(context: Context, { relay, agreement }: { relay: PeerId; agreement: string }): Outcome {
  const current = context.asked.get(relay)?.id === agreement;
  return {
    patch: current ? { asked: withoutKey(context.asked, relay) } : {},
    commands: [{ do: 'closeClient', agreement }],
  };
}

/** A relay gives notice. One that only needs its upload itself may serve again in a moment; one that leaves does not. */
export function noteNotice(context: Context, { relay, reason }: { relay: PeerId; reason: ReleaseReason }): Outcome {
  return reason === 'relay.reclaimed' ? {} : distrust(context, { relay });
}

/** Plan without this relay for a while: longer each time. */
export function distrust(context: Context, { relay }: { relay: PeerId }): Outcome {
  const before = context.failures.get(relay) ?? 0;
  return {
    patch: {
      distrusted: new Set(context.distrusted).add(relay),
      refusals: withoutKey(context.refusals, relay),
      complaints: withoutKey(context.complaints, relay),
      failures: new Map(context.failures).set(relay, before + 1),
    },
    commands: [{ do: 'distrust', relay, forMs: DELAYS.distrust * 2 ** Math.min(before, MOST_DOUBLINGS) }],
  };
}

/** We miss what a member sends: it alone knows who should have forwarded it. */
export function complain(
  _: Context,
  { owner, ssrc, slices }: { owner: PeerId; ssrc: number; slices: number },
): Outcome {
  return { commands: [{ do: 'publish', to: owner, message: { kind: 'media.missing', body: { ssrc, slices } } }] };
}

/** The relays that should forward most of what this receiver misses. */
function accused({ view, inForce }: Context, { from, body }: Complaint): PeerId[] {
  if (selfOf(view).source?.ssrc !== body.ssrc) return [];
  return [...(inForce.get(from) ?? [])].flatMap(([via, slices]) =>
    via !== null && sliceCount(slices & body.slices) * 2 >= sliceCount(slices) ? [via] : [],
  );
}

/** Does this complaint prove a relay dead or lying? The first may be about the way before; the second is about this one. */
export function isProof(context: Context, { message }: { message: Complaint }): boolean {
  return accused(context, message).some((relay) => context.complaints.get(relay)?.has(message.from));
}

export function noteComplaint(context: Context, { message }: { message: Complaint }): Outcome {
  const complaints = new Map(context.complaints);
  for (const relay of accused(context, message)) {
    complaints.set(relay, new Set(complaints.get(relay)).add(message.from));
  }
  return { patch: { complaints } };
}

/** A receiver has complained twice: its relays for what it misses are not to be trusted. */
export function blame(context: Context, { message }: { message: Complaint }): Outcome {
  let current = context;
  const commands: Command[] = [];
  for (const relay of accused(context, message)) {
    if (!context.complaints.get(relay)?.has(message.from)) continue;
    const outcome = distrust(current, { relay });
    current = { ...current, ...outcome.patch };
    commands.push({ do: 'note', entry: { type: 'relay.failing', relay, receiver: message.from } });
    commands.push(...(outcome.commands ?? []));
  }
  const { distrusted, refusals, complaints, failures } = current;
  return { patch: { distrusted, refusals, complaints, failures }, commands };
}

/** The media path to this relay is dead: until it is heard again it is neither relay nor receiver. */
export function suspect(context: Context, { relay }: { relay: PeerId }): Outcome {
  const known = context.asked.get(relay);
  const commands: Command[] = [{ do: 'note', entry: { type: 'relay.unreachable', relay } }];
  if (known) commands.push({ do: 'tellClient', agreement: known.id, event: { type: 'relay.silent' } });
  return { patch: { silent: new Set(context.silent).add(relay) }, commands };
}

export function unsuspect(context: Context, { peer }: { peer: PeerId }): Outcome {
  return { patch: { silent: withoutItem(context.silent, peer) } };
}

export function restoreTrust(context: Context, { peer }: { peer: PeerId }): Outcome {
  return { patch: { distrusted: withoutItem(context.distrusted, peer) } };
}

/** We leave: every agreement as a client ends. */
export function endAllAsked(context: Context): Outcome {
  return {
    commands: [...context.asked.values()].map(({ id }) => ({
      do: 'tellClient',
      agreement: id,
      event: { type: 'end', reason: 'client.left' },
    })),
  };
}

function withoutItem<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  const rest = new Set(set);
  rest.delete(item);
  return rest;
}

function withoutKey<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
