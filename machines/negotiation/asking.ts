/**
 * Negotiation's client side, step by step: plan the own source, ask relays, run what is granted. Pure.
 */

import {
  mapStreams,
  pathsOf,
  relaysOf,
  routesOfStreams,
  type StreamPaths,
  type StreamRates,
  sameRates,
  sameStreams,
  sendingBpsOf,
  streamsOfRoutes,
  unionStreams,
} from '../forwarding/own-streams.ts';
import type { Paths } from '../forwarding/paths.ts';
import type { Incoming, PeerId, RejectCode, StreamName } from '../messages.ts';
import type { UnservedPair } from '../plan.ts';
import { planFor } from '../room-plan.ts';
import { sameData } from '../same-data.ts';
import { firstSlices } from '../slices.ts';
import { DELAYS } from '../timers.ts';
import { selfOf, streamOf } from '../view.ts';
import { withoutKey } from '../without.ts';
import { requestsOf, runnable, shortOf, wantedBps } from './carry-out.ts';
import { awayMs } from './distance.ts';
import { distrust, lostIn, stillValid } from './doubting.ts';
import { promisedBps } from './ledger.ts';
import { costBps, cutTerms, isLess, type Terms } from './legs.ts';
import { type Orphaned, presumedOf, presuming, withoutPresumption } from './presuming.ts';
import type { Command, Context, Outcome, Withheld } from './state.ts';
import { unservedNotes } from './unserved.ts';
import { movedWith } from './withholding.ts';

/** What the room's plan wants of the own streams. */
export function plan(context: Context): Outcome {
  const { view, relaying } = context;
  const ownRoutes = routesOfStreams(context.inForce).map((route) => ({ source: view.self, ...route }));
  const own = planFor(view, { ...context, lost: lostIn(context) }, ownRoutes);
  const wanted = streamsOfRoutes(own.routes);
  const wantedRates = new Map(
    Object.entries(own.rates).map(([stream, rateBps]) => [
      stream,
      steadyRate(context.wantedRates.get(stream) ?? 0, rateBps),
    ]),
  );
  const before = relaysOf(context.wanted);
  const relays = [...relaysOf(wanted)].filter((relay) => !before.has(relay));
  const commands: Command[] = relays.length > 0 ? [{ do: 'note', entry: { type: 'relay.needed', relays } }] : [];
  const unserved = new Map<StreamName, UnservedPair[]>();
  for (const pair of own.unserved) unserved.set(pair.stream, [...(unserved.get(pair.stream) ?? []), pair]);
  commands.push(...unservedNotes(context.view, context.unserved, unserved));
  const ledger = { ...relaying.ledger, ownWantedBps: wantedBps({ ...context, wanted, wantedRates }) };
  return { patch: { wanted, wantedRates, relaying: { ...relaying, ledger }, unserved }, commands };
}

/** A rate that could be higher by less than this is left as it is. */
const WORTH_RAISING = 1.005;

/** The planned rate, but for a rise that is not worth the amendment of every agreement. */
function steadyRate(beforeBps: number, plannedBps: number): number {
  return plannedBps > beforeBps && plannedBps < beforeBps * WORTH_RAISING ? beforeBps : plannedBps;
}

/** Open, amend and end agreements so that they become what the wanted paths need. */
export function ask(context: Context): Outcome {
  return askFor(context, null);
}

/**
 * The same in the place of a relay that fell silent: what it carried is used at once elsewhere, before it is granted. Whose way stands
 * keeps it until the answer.
 */
export function askUrgently(context: Context, { relay }: { relay: PeerId }): Outcome {
  return askFor(context, (_, via) => via === relay);
}

/** The same for one receiver, in the place of relays that withhold what it should get. */
export function askUrgentlyFor(context: Context, { receiver, relays }: Withheld): Outcome {
  return askFor(context, (to, via) => to === receiver && relays.includes(via));
}

/** @param isOrphan whose way is no more, so that another one is asked for urgently; null: nobody's */
function askFor(context: Context, isOrphan: Orphaned | null): Outcome {
  const isUrgent = isOrphan !== null;
  const { terms, end } = requestsOf(context);
  const asked = new Map(context.asked);
  const commands: Command[] = [];
  let { opened, revisions } = context;
  for (const [relay, wanted] of terms) {
    const known = asked.get(relay);
    const presumption = presuming(context, known, wanted, isOrphan);
    if (known !== undefined && sameData(known.terms, wanted)) {
      // It is asked already. What it has answered stands.
      if (presumption.presumed !== undefined && !context.refusals.has(relay))
        asked.set(relay, { ...known, ...presumption });
      continue;
    }
    revisions += 1;
    if (known === undefined) {
      opened += 1;
      const id = `${context.view.self}.${context.epoch}.${opened}`;
      asked.set(relay, { id, terms: wanted, granted: [], revision: 0, ...presumption });
      commands.push({ do: 'openClient', agreement: id, relay, terms: wanted, revision: revisions, isUrgent });
    } else {
      // The relay takes what is no longer asked for as given back at once: it is not to be used any more.
      const { id, revision } = known;
      asked.set(relay, { id, revision, granted: cutTerms(known.granted, wanted), terms: wanted, ...presumption });
      commands.push({
        do: 'tellClient',
        agreement: known.id,
        event: { type: 'terms', terms: wanted, revision: revisions, isUrgent },
      });
    }
  }
  for (const relay of end) {
    const known = asked.get(relay);
    if (known) commands.push({ do: 'tellClient', agreement: known.id, event: { type: 'end', reason: 'client.done' } });
  }
  return { patch: { asked, opened, revisions }, commands };
}

/** What was refused or granted in part is asked for once more: others may have let go. */
export function askAgain(context: Context): Outcome {
  const short = shortOf(context);
  const commands: Command[] = [];
  let { revisions } = context;
  for (const relay of short) {
    const known = context.asked.get(relay);
    // A request under way has its own retries; one that was refused is over, and a new one is opened for it.
    if (known === undefined || !context.refusals.has(relay)) continue;
    revisions += 1;
    const event = { type: 'terms', terms: known.terms, revision: revisions } as const;
    commands.push({ do: 'tellClient', agreement: known.id, event });
  }
  const shortfalls = short.length === 0 ? 0 : context.shortfalls + 1;
  return { patch: { shortfalls, revisions, yields: yieldsAfter(context, shortfalls) }, commands };
}

/** Retries in a row, without anything granted, after which some of what is held elsewhere is given up first. */
const PATIENCE_BEFORE_YIELDING = 3;
/** So many slices of each stream more with every retry: what they cost in quality is over with the next one granted. */
const SLICES_YIELDED = 4;

const NOTHING_YIELDED: Context['yields'] = new Map();

function yieldsAfter(context: Context, shortfalls: number): Context['yields'] {
  if (shortfalls < PATIENCE_BEFORE_YIELDING) return NOTHING_YIELDED;
  const { inForce, held, wanted, yields, view } = context;
  return mapStreams(unionStreams(inForce, held), (running, stream) => {
    // A voice is never split: nothing of it is given up.
    if (streamOf(selfOf(view), stream)?.media === 'audio') return 0;
    const before = yields.get(stream) ?? 0;
    return before | firstSlices(unwantedSlices(running, pathsOf(wanted, stream)) & ~before, SLICES_YIELDED);
  });
}

/** Slices of a stream that somebody gets, or of which something is on its way, otherwise than they are wanted. */
function unwantedSlices(running: Paths, wanted: Paths): number {
  let unwanted = 0;
  for (const [receiver, ways] of running) {
    for (const [via, slices] of ways) unwanted |= slices & ~(wanted.get(receiver)?.get(via) ?? 0);
  }
  return unwanted;
}

/** Put the paths in force that can run now; tell forwarding where they changed. */
export function run(context: Context): Outcome {
  const { streams, rates } = runnable({ ...context, asked: withWay(context) });
  const relaying = withOwnInUse(context.relaying, sendingBpsOf(streams, rates));
  const presumed = presumedOf(context.asked);
  const isSame = sameStreams(streams, context.inForce) && sameRates(rates, context.rates);
  if (isSame && sameData([...presumed], [...context.presumed])) return { patch: { relaying } };
  const allowanceBps = Math.max(0, selfOf(context.view).uploadBps - promisedBps(relaying.ledger));
  const complaints = stillValid(context, streams);
  const moved = movedWith(context, streams);
  return {
    patch: {
      relaying,
      inForce: streams,
      held: unionStreams(context.held, streams),
      rates,
      complaints,
      moved,
      presumed,
    },
    commands: [
      { do: 'tell', news: { type: 'routes.own', streams, rates, allowanceBps, presumed } },
      ...rateNotes(context.rates, rates),
      ...(moved !== context.moved ? [awaitWays(context, moved, streams)] : []),
    ],
  };
}

/** A receiver that has moved may wait for the other relay's packets by as much as that way is longer, and then for its word to come. */
function awaitWays(context: Context, moved: ReadonlySet<PeerId>, streams: StreamPaths): Command {
  return { do: 'awaitWays', forMs: DELAYS.waySettle + awayMs(context, [...moved, ...relaysOf(streams)]) };
}

/**
 * The agreements that can be used: a relay may have our way to it before we have, and nothing leaves for it until then. One that is in
 * use stays so while its pair looks for another way.
 */
function withWay({ asked, inForce, reached, view }: Context): Context['asked'] {
  const used = relaysOf(inForce);
  const hasWay = (relay: PeerId) => reached.has(relay) || used.has(relay) || view.members.get(relay)?.key === null;
  return [...asked.keys()].every(hasWay) ? asked : new Map([...asked].filter(([relay]) => hasWay(relay)));
}

function rateNotes(before: StreamRates, after: StreamRates): Command[] {
  return [...after].flatMap(([stream, rateBps]): Command[] =>
    rateBps === (before.get(stream) ?? 0) ? [] : [{ do: 'note', entry: { type: 'rate.changed', stream, rateBps } }],
  );
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

interface Granting {
  readonly relay: PeerId;
  readonly terms: Terms;
  readonly revision: number;
}

/** Does the relay grant less than it was asked for? */
export function isPartial({ asked }: Context, { relay, terms }: Granting): boolean {
  return isLess(terms, asked.get(relay)?.terms ?? []);
}

export function noteGranted(context: Context, granting: Granting): Outcome {
  const { relay, terms, revision } = granting;
  const known = context.asked.get(relay);
  if (known === undefined) return {};
  const { id, terms: wanted } = known;
  const asked = new Map(context.asked).set(relay, { id, terms: wanted, granted: terms, revision });
  const isFull = isPartial(context, granting);
  const refusals = isFull
    ? new Map(context.refusals).set(relay, (context.refusals.get(relay) ?? 0) + 1)
    : withoutKey(context.refusals, relay);
  // It was full too often, and is not any more: its answer was under way when we lost patience.
  const hasRoom = !isFull && context.distrusted.get(relay) === 'full';
  const distrusted = hasRoom ? withoutKey(context.distrusted, relay) : context.distrusted;
  const complete = shortOf({ ...context, asked }).length === 0;
  // Something is moving: the rest is asked for again soon, and nothing need be given up for it.
  const progress = complete || costBps(terms) > costBps(known.granted);
  return { patch: { asked, refusals, distrusted, ...(progress && { shortfalls: 0, yields: NOTHING_YIELDED }) } };
}

/** Refusals in a row after which another relay is tried. */
const PATIENCE_WITH_RELAY = 4;

/** A relay said no. Full, or without a way to a receiver, it may be for a moment only; any other reason, or too many times full, means another relay. */
export function noteRefused(
  context: Context,
  { relay, code }: { relay: PeerId; code: RejectCode | 'timeout' },
): Outcome {
  const count = (context.refusals.get(relay) ?? 0) + 1;
  // Where the own bus is away, silence says nothing about the relay.
  const excused = code === 'timeout' && context.busAway;
  const how = mayPass(context, relay, code) ? 'full' : 'other';
  const enough = !excused && (count >= PATIENCE_WITH_RELAY || how === 'other');
  const refusals = new Map(context.refusals).set(relay, count);
  const asked = withoutPresumption(context.asked, relay);
  const { patch, commands = [] } = enough
    ? distrust({ ...context, refusals }, { relay, how })
    : { patch: { refusals } };
  return { patch: { ...patch, asked }, commands };
}

/** May the same relay grant in a moment what it does not grant now? While it forwards, its reports say that it lives: an answer was lost. */
function mayPass({ asked }: Context, relay: PeerId, code: RejectCode | 'timeout'): boolean {
  if (code === 'timeout') return (asked.get(relay)?.granted.length ?? 0) > 0;
  // The relay's pair with the receiver proves its way soon, or the relay tells all that there is none.
  return code === 'capacity.exhausted' || code === 'receiver.unreachable';
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
