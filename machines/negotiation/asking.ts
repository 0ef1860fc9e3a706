/**
 * Negotiation's client side, step by step: plan the own source, ask relays, run what is granted. Pure.
 */
import type { Incoming, Leg, PeerId, RejectCode } from '../messages.ts';
import { pathsOfRoutes, relaysIn, routesOfPaths, samePaths, sendingBps, unionPaths } from '../paths.ts';
import { planFor } from '../room-plan.ts';
import { firstSlices } from '../slices.ts';
import { selfOf } from '../view.ts';
import { withoutKey } from '../without.ts';
import { type Asked, requestsOf, runnable, sameTerms, shortOf, wantedBps } from './carry-out.ts';
import type { Terms } from './client-agreement.ts';
import { distrust, stillValid } from './doubting.ts';
import { legsBps, promisedBps } from './ledger.ts';
import { cutLegs, isLess, masksOf } from './legs.ts';
import type { Command, Context, Outcome } from './state.ts';

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
  const { terms, end } = requestsOf(context);
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
  const wanted = masksOf(terms.legs);
  const legs = cutLegs(granted, (receiver) => wanted.get(receiver) ?? 0);
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
  const shortfalls = short.length === 0 ? 0 : context.shortfalls + 1;
  return { patch: { shortfalls, yields: yieldsAfter(context, shortfalls) }, commands };
}

/** Retries in a row, without anything granted, after which some of what is held elsewhere is given up first. */
const PATIENCE_BEFORE_YIELDING = 3;
/** So many slices more with every retry: what they cost in quality is over with the next one granted. */
const SLICES_YIELDED = 4;

function yieldsAfter(context: Context, shortfalls: number): number {
  if (shortfalls < PATIENCE_BEFORE_YIELDING) return 0;
  return context.yields | firstSlices(unwantedSlices(context) & ~context.yields, SLICES_YIELDED);
}

/** Slices that somebody gets, or of which something is on its way, otherwise than it is wanted. */
function unwantedSlices({ inForce, held, wanted }: Context): number {
  let unwanted = 0;
  for (const [receiver, ways] of unionPaths(inForce, held)) {
    for (const [via, slices] of ways) unwanted |= slices & ~(wanted.get(receiver)?.get(via) ?? 0);
  }
  return unwanted;
}

/** Put the paths in force that can run now; tell forwarding where they changed. */
export function run(context: Context): Outcome {
  const { paths, rateBps } = runnable(context);
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
  return isLess(legs, asked.get(relay)?.terms.legs ?? []);
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
  return { patch: { asked, refusals, ...(progress && { shortfalls: 0, yields: 0 }) } };
}

/** Refusals in a row after which another relay is tried. */
const PATIENCE_WITH_RELAY = 4;

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
