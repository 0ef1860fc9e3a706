/** From a view to the own part of the room's plan: what counts as a member, with how much upload, and whom not to rely on. */
import { isServed, mayServe } from './in-the-clear.ts';
import type { PeerId, StreamInfo } from './messages.ts';
import { aroundNarrow, keepsRates, type NarrowPair } from './narrow-plan.ts';
import {
  type OwnPlan,
  type Plan,
  type PlanInput,
  type PlanPeer,
  type PlanRoute,
  type PlanStream,
  type PlanWant,
  planOwn,
  planRoom,
} from './plan.ts';
import { sliceBps } from './slices.ts';
import { type Member, othersOf, selfOf, type View } from './view.ts';

export interface Doubts {
  /** Members whose media path fell silent: no relays until they are heard again, and sent no video. They may hear us: voices go on. */
  readonly silent: ReadonlySet<PeerId>;
  /** Members that failed as relays, and how: not asked again for a while. */
  readonly distrusted: ReadonlyMap<PeerId, Failing>;
  /** Members that are gone for all we can tell, while the bus that would tell is away; left out: none. Planned without. */
  readonly lost?: ReadonlySet<PeerId>;
  /** By receiver, relays through which it does not want our streams: they bring it others. Left out: none. */
  readonly avoided?: ReadonlyMap<PeerId, ReadonlySet<PeerId>>;
}

/** How a relay fails: it falls silent for a moment, which says nothing of how it serves; it has had no room too often; in any other way. */
export type Failing = 'silent' | 'full' | 'other';

/** The own part of the room's plan. `ownRoutes` is how the own streams run now. */
export function planFor(view: View, doubts: Doubts, ownRoutes: readonly PlanRoute[]): OwnPlan {
  const input = aroundNarrow(planInputOf(view, doubts, ownRoutes), narrowIn(view));
  const own = planOwn(input, view.self);
  let all: Plan | undefined;
  const room = { input, self: view.self, own, ofAll: () => (all ??= planRoom(input)) };
  const pairs = avoidedPairs(doubts);
  const around = planAvoiding(room, { relays: new Set(doubts.distrusted.keys()), pairs });
  const failing = [...doubts.distrusted].flatMap(([id, how]) => (how === 'silent' ? [] : [id]));
  const isAll = failing.length === doubts.distrusted.size;
  if (isAll || around.unserved.length <= own.unserved.length) return around;
  // A relay that stood still and is heard again is better than none.
  return planAvoiding(room, { relays: new Set(failing), pairs });
}

function avoidedPairs({ avoided }: Doubts): Without['pairs'] {
  return [...(avoided ?? [])].flatMap(([receiver, relays]) => [...relays].map((relay) => [relay, receiver] as const));
}

function narrowIn({ members }: View): NarrowPair[] {
  return [...members.values()].flatMap(({ id: from, narrow }) => narrow.map((leg) => ({ from, ...leg })));
}

/** The room as all plan it. */
interface Planned {
  readonly input: PlanInput;
  readonly self: PeerId;
  readonly own: OwnPlan;
  /** The plan of all: worked out only where one's own goes round something, and once. */
  readonly ofAll: () => Plan;
}

/** Whom not to rely on: for nobody, or for one receiver each. */
interface Without {
  readonly relays: ReadonlySet<PeerId>;
  readonly pairs: readonly (readonly [relay: PeerId, receiver: PeerId])[];
}

/**
 * Who avoids a relay is planned as cut from it: neither serves the other. Where that leaves somebody out who would be served without that
 * relay, the relay serves nobody: as long as nobody pays for what one receiver alone says of it.
 */
function planAvoiding(room: Planned, { relays, pairs }: Without): OwnPlan {
  const { own } = room;
  const apart = planAround(room, { relays, pairs });
  if (pairs.length === 0 || apart.unserved.length <= own.unserved.length) return apart;
  const none = planAround(room, { relays: new Set([...relays, ...pairs.map(([of]) => of)]), pairs: [] });
  if (none.unserved.length >= apart.unserved.length) return apart;
  const isProven = pairs.every(([of]) => pairs.filter(([other]) => other === of).length > 1);
  return isProven || keepsRates(own.rates, none.rates) ? none : apart;
}

/** The own part without these relays, where it relies on one of them. */
function planAround({ input, self, own, ofAll }: Planned, without: Without): OwnPlan {
  const { relays, pairs } = without;
  const isAvoided = ({ relay, receivers }: OwnPlan['routes'][number]) =>
    relay !== null && (relays.has(relay) || pairs.some(([of, to]) => of === relay && receivers.includes(to)));
  if (!own.routes.some(isAvoided)) return own;
  return planOwn(roomAround(input, ofAll(), self, without), self);
}

/**
 * The room for a peer that will not rely on some relay. The others do not know and carry out the plan of all, so what they
 * use is taken; the own source goes round by what is left, at no more than the rate that the plan of all gives it.
 */
function roomAround(input: PlanInput, plan: Plan, self: PeerId, { relays, pairs }: Without): PlanInput {
  const others = plan.routes.filter(({ source }) => source !== self);
  const { sent, forwarded } = loadsOf(others, plan.rates);
  const peers = input.peers.map(({ id, compatible = true, uploadBps, lendBps = uploadBps, ...rest }): PlanPeer => {
    const left = Math.max(0, uploadBps - (sent.get(id) ?? 0));
    const { streams = [], ...given } = rest;
    if (id === self)
      return { ...given, id, compatible, uploadBps: left, lendBps: 0, streams: asPlanned(id, streams, plan) };
    const lent = relays.has(id) ? 0 : Math.max(0, lendBps - (forwarded.get(id) ?? 0));
    return { ...given, id, compatible, uploadBps: left, lendBps: Math.min(left, lent) };
  });
  const cut = [...(input.cut ?? []), ...pairs];
  return { ...input, headroom: 1, peers, cut, inForce: (input.inForce ?? []).filter(({ source }) => source === self) };
}

/** Streams at no more than the rates that the plan of all gives them. */
function asPlanned(id: PeerId, streams: readonly PlanStream[], { rates }: Plan): PlanStream[] {
  return streams.map((stream) => ({
    ...stream,
    maxBps: Math.max(stream.minBps, rates[`${id}/${stream.name}`] ?? 0),
  }));
}

/** What these routes make every peer send, and how much of it for others, in bit/s. */
function loadsOf(routes: readonly PlanRoute[], rates: Plan['rates']) {
  const sent = new Map<PeerId, number>();
  const forwarded = new Map<PeerId, number>();
  const add = (loads: Map<PeerId, number>, id: PeerId, bps: number) => loads.set(id, (loads.get(id) ?? 0) + bps);
  for (const { source, stream, slices, relay, receivers } of routes) {
    const copyBps = sliceBps(slices, rates[`${source}/${stream}`] ?? 0);
    add(sent, source, copyBps * (relay === null ? receivers.length : 1));
    if (relay === null) continue;
    add(sent, relay, copyBps * receivers.length);
    add(forwarded, relay, copyBps * receivers.length);
  }
  return { sent, forwarded };
}

/** The room as everybody sees it, but for who is silent. `ownRoutes` is how the own streams run now; the others' are in the view. */
function planInputOf(view: View, { silent, lost }: Doubts, ownRoutes: readonly PlanRoute[]): PlanInput {
  const others = othersOf(view).filter(({ id, leaving }) => !leaving && !lost?.has(id));
  const members = [selfOf(view), ...others];
  return {
    // Every peer publishes what it lets itself use: the headroom is taken off already.
    headroom: 1,
    peers: members.map((member) => {
      const peer = planPeer(member, member.id === view.self, members);
      return silent.has(member.id) ? { ...peer, lendBps: 0, wants: voicesFor(member, members) } : peer;
    }),
    inForce: [
      ...ownRoutes,
      ...others.flatMap((member) => member.routes.map((route) => ({ source: member.id, ...route }))),
    ],
    // One of the two is enough: what it does not reach it does not send to, whatever the other believes, and who has a server knows it.
    cut: members.flatMap(({ id, cut }) => cut.map((other) => [id, other] as const)),
    costly: members.flatMap(({ id, costly }) => costly.map((other) => [id, other] as const)),
  };
}

/** The voices among what a member wants and may have. */
function voicesFor(member: Member, members: readonly Member[]): PlanWant[] {
  return members.flatMap((owner) =>
    owner.streams.flatMap((stream) =>
      stream.media === 'audio' && isServed(owner, stream, member) ? [{ source: owner.id, stream: stream.name }] : [],
    ),
  );
}

/** What a member wants and may have; a plain endpoint wants nothing of those whose user does not let it hear them. */
function wantsOf(member: Member, members: readonly Member[]): 'all' | readonly PlanWant[] {
  const { wants } = member;
  const withheld = new Set(members.filter((owner) => !mayServe(owner, member)).map(({ id }) => id));
  if (withheld.size === 0) return wants;
  const all = wants === 'all' ? members.map(({ id: source }) => ({ source })) : wants;
  return all.filter(({ source }) => !withheld.has(source));
}

function planPeer(member: Member, self: boolean, members: readonly Member[]): PlanPeer {
  const { id, compatible, oneAddress, downloadBps } = member;
  const wants = wantsOf(member, members);
  // Until its first profile nobody knows a compatible peer's upload: it receives, and plans its own streams itself.
  const unknown = compatible && member.usableBps === 0;
  const streams = unknown ? [] : member.streams.map(planStream);
  const receives = {
    ...(wants === 'all' ? {} : { wants }),
    ...(downloadBps === null ? {} : { downloadBps }),
    // Whoever speaks RPR takes every stream from everywhere, whatever it says.
    ...(oneAddress === true && !compatible ? { oneAddress } : {}),
  };
  if (compatible || self)
    return { id, compatible, uploadBps: member.usableBps, lendBps: member.lendBps, streams, ...receives };
  // A plain RTP endpoint tells nobody its upload, and sends everyone its own copies whatever we plan.
  const mostBps = streams.reduce((sum, { maxBps }) => sum + maxBps, 0);
  return { id, compatible, uploadBps: members.length * mostBps, lendBps: 0, streams, ...receives };
}

function planStream({ name, media, minBps, maxBps, group, layer }: StreamInfo): PlanStream {
  return { name, media, minBps, maxBps, ...(group === null ? {} : { group, layer }) };
}
