/**
 * How a plan for the own streams is carried out: whom to ask for what, which paths can run now, and what is still short.
 * Pure: the negotiation machine keeps the state and does what the steps say.
 */

import {
  mapStreams,
  pathsOf,
  relaysOf,
  type StreamPaths,
  type StreamRates,
  sendingBpsOf,
  unionStreams,
} from '../forwarding/own-streams.ts';
import {
  affordablePaths,
  type Competing,
  choosePaths,
  type Granted,
  legsThrough,
  mostCopies,
  relaysIn,
  sendingBps,
  withoutSlices,
} from '../forwarding/paths.ts';
import type { PeerId, StreamInfo, StreamName } from '../messages.ts';
import { selfOf, streamOf, type View } from '../view.ts';
import { ownAllowanceBps } from './ledger.ts';
import { masksOf, ofStream, type StreamLegs, type Terms } from './legs.ts';
import type { Relaying } from './relaying.ts';

/** An agreement as client, as far as negotiation needs to know it. */
export interface Asked {
  readonly id: string;
  readonly terms: Terms;
  /** What the relay has granted, and by which revision; nothing and 0 before its first offer. */
  readonly granted: Terms;
  readonly revision: number;
  /**
   * What is used of it in the place of a relay that fell silent, until it answers: what it has granted, and what that relay carried. The
   * request is there before the first packet, and by what is known of the room it has the upload. Left out else.
   */
  readonly presumed?: Terms;
}

/** What is sent through a relay: what it has granted, or what it is presumed to. */
function inUse({ granted, presumed }: Asked): Terms {
  return presumed ?? granted;
}

export interface OwnStreams {
  /** What the plan wants. */
  readonly wanted: StreamPaths;
  readonly wantedRates: StreamRates;
  /** What runs: the paths that packets take. */
  readonly inForce: StreamPaths;
  /** What runs together with what is being drained: relays keep these legs. */
  readonly held: StreamPaths;
  /** What the streams send now, bit/s. */
  readonly rates: StreamRates;
  readonly asked: ReadonlyMap<PeerId, Asked>;
}

export interface Situation extends OwnStreams {
  readonly view: View;
  readonly relaying: Relaying;
  readonly silent: ReadonlySet<PeerId>;
  /** Members to whom a way has been found. */
  readonly reached: Pick<ReadonlySet<PeerId>, 'has'>;
  /** By receiver, relays through which it wants nothing. */
  readonly avoided: ReadonlyMap<PeerId, ReadonlySet<PeerId>>;
  /** Retries in a row that left something ungranted. */
  readonly shortfalls: number;
  /**
   * By stream, slices whose ways in force are given up before the wanted ones stand. Refused again and again, since two peers may be
   * waiting for each other's capacity.
   */
  readonly yields: ReadonlyMap<StreamName, number>;
}

/** The paths and the rates that can run now, with the agreements as they stand. */
export function runnable(now: Situation): { readonly streams: StreamPaths; readonly rates: StreamRates } {
  const { uploadBps } = selfOf(now.view);
  const competing = bearable(
    now,
    ownStreams(now).map((stream) => chosen(now, stream)),
  );
  const allowanceBps = ownAllowanceBps(now.relaying.ledger);
  const streams = affordablePaths(competing, allowanceBps, mostCopies(uploadBps), audioInForceBps(now));
  return { streams, rates: new Map(competing.map(({ stream, rateBps }) => [stream, rateBps])) };
}

/** Words that are being sent go on where an upload has fallen below what is promised: relayed video is thinned for them. */
function audioInForceBps({ view, inForce, rates }: Situation): number {
  const audio = selfOf(view).streams.filter(({ media }) => media === 'audio');
  return audio.reduce((sum, { name }) => sum + sendingBps(pathsOf(inForce, name), rates.get(name) ?? 0), 0);
}

/** Those that the plan knows, audio first. */
function ownStreams({ view, wantedRates }: Situation): StreamInfo[] {
  const planned = selfOf(view).streams.filter(({ name }) => wantedRates.has(name));
  return [...planned.filter(({ media }) => media === 'audio'), ...planned.filter(({ media }) => media === 'video')];
}

/** The paths of one stream that stand, and the highest rate that all its relays have granted. */
function chosen(now: Situation, { name: stream, media }: StreamInfo): Competing {
  const { wanted: all, wantedRates, inForce, asked, silent, reached, avoided, view, yields } = now;
  const granted: Granted = new Map(
    [...asked].map(([relay, of]) => [relay, masksOf(ofStream(inUse(of), stream)?.legs ?? [])]),
  );
  const wanted = pathsOf(all, stream);
  const paths = choosePaths({
    wanted,
    granted,
    inForce: withoutSlices(pathsOf(inForce, stream), yields.get(stream) ?? 0),
    gone: (peer) => !view.members.has(peer),
    silent: (peer) => silent.has(peer),
    avoided: (relay, receiver) => avoided.get(receiver)?.has(relay) ?? false,
    // Who answers no checks is where it says that it is.
    awaited: (peer) => !reached.has(peer) && view.members.get(peer)?.key !== null,
    tied: (peer) => view.members.get(peer)?.oneAddress === true,
  });
  const rateBps = [...relaysIn(paths)].reduce(
    (rate, relay) => Math.min(rate, rateThrough(asked.get(relay), stream) ?? rate),
    wantedRates.get(stream) ?? 0,
  );
  return { stream, media, paths, wanted, rateBps };
}

function rateThrough(asked: Asked | undefined, stream: StreamName): number | undefined {
  return asked && ofStream(inUse(asked), stream)?.rateBps;
}

/**
 * The rates at which the upload bears these paths, where they cost too much. For a moment they stay as they are and somebody waits for
 * his relay; once that takes longer, or where no relay is waited for, all video gets less, down to the least that each source allows,
 * before anybody is cut off for the sake of a higher rate. Audio keeps its rate.
 */
function bearable(now: Situation, streams: readonly Competing[]): Competing[] {
  const costOf = (of: readonly Competing[]) =>
    of.reduce((sum, { paths, rateBps }) => sum + sendingBps(paths, rateBps), 0);
  const allowanceBps = ownAllowanceBps(now.relaying.ledger);
  const audioBps = costOf(streams.filter(({ media }) => media === 'audio'));
  const videoBps = costOf(streams.filter(({ media }) => media === 'video'));
  if (audioBps + videoBps <= allowanceBps || videoBps === 0) return [...streams];
  const part = Math.max(0, allowanceBps - audioBps) / videoBps;
  const isWaiting = now.shortfalls === 0 && shortOf(now).length > 0;
  return streams.map((of) => {
    const isPatient = isWaiting && (now.rates.get(of.stream) ?? 0) >= of.rateBps;
    if (of.media === 'audio' || isPatient) return of;
    const leastBps = streamOf(selfOf(now.view), of.stream)?.minBps ?? of.rateBps;
    return { ...of, rateBps: Math.min(of.rateBps, Math.max(leastBps, of.rateBps * part)) };
  });
}

/** What to ask of each relay, and which agreements to end. */
export interface Requests {
  readonly terms: ReadonlyMap<PeerId, Terms>;
  readonly end: readonly PeerId[];
}

/**
 * The terms that the wanted paths need. What a relay still carries of paths in force or draining stays in its terms until
 * it is out of use: the new way stands before the old one goes.
 */
export function requestsOf(now: Situation): Requests {
  const wantedRelays = relaysOf(now.wanted);
  const inUse = mapStreams(unionStreams(now.inForce, now.held), (paths, stream) =>
    withoutSlices(paths, now.yields.get(stream) ?? 0),
  );
  const kept = unionStreams(now.wanted, inUse);
  const terms = new Map<PeerId, Terms>();
  const streams = ownStreams(now);
  for (const relay of relaysOf(kept)) {
    const wanted = streams.flatMap(({ name }) => termsOf(now, relay, name, kept));
    if (wanted.length > 0) terms.set(relay, wanted);
  }
  const usedRelays = relaysOf(inUse);
  const end = [...now.asked.keys()].filter((relay) => !wantedRelays.has(relay) && !usedRelays.has(relay));
  return { terms, end };
}

function termsOf(now: Situation, relay: PeerId, stream: StreamName, kept: StreamPaths): StreamLegs[] {
  const legs = legsThrough(pathsOf(kept, stream), relay).filter(({ receiver }) => now.view.members.has(receiver));
  const wantedBps = now.wantedRates.get(stream) ?? 0;
  const knownBps = ofStream(now.asked.get(relay)?.granted ?? [], stream)?.rateBps ?? 0;
  // What is only kept till it is out of use shrinks, and asks for nothing.
  const isWanted = relaysIn(pathsOf(now.wanted, stream)).has(relay);
  const rateBps = isWanted ? wantedBps : Math.min(wantedBps, knownBps);
  return legs.length === 0 || rateBps === 0 ? [] : [{ stream, rateBps, legs }];
}

/** The relays that have not granted what is wanted of them. */
export function shortOf({ asked, wanted, wantedRates }: OwnStreams): PeerId[] {
  return [...relaysOf(wanted)].filter((relay) => {
    const granted = asked.get(relay)?.granted ?? [];
    return [...wanted].some(([stream, paths]) => {
      const legs = legsThrough(paths, relay);
      const of = ofStream(granted, stream);
      if (legs.length === 0) return false;
      if (of === undefined || of.rateBps < (wantedRates.get(stream) ?? 0)) return true;
      const masks = masksOf(of.legs);
      return legs.some(({ receiver, slices }) => (slices & ~(masks.get(receiver) ?? 0)) !== 0);
    });
  });
}

/** What the own streams need by the plan, in bit/s. */
export function wantedBps({ wanted, wantedRates }: OwnStreams): number {
  return sendingBpsOf(wanted, wantedRates);
}
