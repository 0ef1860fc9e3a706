/** What a run came to: delivery once the room had settled, how long that took, what it cost, and how near the bound it is. */

import { relaysOf } from '../../../machines/forwarding/own-streams.ts';
import type { StreamName } from '../../../machines/messages.ts';
import { type Plan, type PlanInput, planRoom } from '../../../machines/plan.ts';
import { boundOf } from '../../../machines/planning/bound.ts';
import { roomOf } from '../../../machines/planning/room.ts';
import { cameThrough } from '../world/media/delivery.ts';
import type { PeerProcess } from '../world/peer/peer-process.ts';
import type { World } from '../world/world.ts';
import type { Forgers } from './forgers.ts';
import { truthOf } from './truth.ts';
import { type Shown, shownBy, wantsShown } from './wanted.ts';

export interface Verdict {
  readonly seed: number;
  /** Of the packets sent in the settled window to pairs that the bound allows, the share that arrived, 0..1. */
  readonly delivered: number;
  /** From the last fault to the last change of a route or a rate, in virtual ms. */
  readonly settleMs: number;
  /** Published, beats included. */
  readonly messagesPerPeer: number;
  /**
   * The lowest rate of a stream that neither its own maximum nor its upload holds, over what the bound gives it, times the
   * share of its receivers that get it. In a room too poor for the least rates: pairs served over pairs that a plan serves.
   */
  readonly share: number;
  readonly violations: readonly string[];
  /** By whose made up packets receivers were deceived, each time, and whom they named for it. */
  readonly forgeries: Forgers['forgeries'];
  readonly traceHash: string;
}

/** What a member shows, in one size or several, and somebody who wants it. */
interface Pair {
  readonly owner: PeerProcess;
  readonly shown: Shown;
  readonly receiver: PeerProcess;
  /** Of the layer that comes. */
  readonly sent: number;
  readonly received: number;
  /** The layers that come. */
  readonly delivered: readonly StreamName[];
}

/** To be asked when the world's time is up. */
export function verdictOf(world: World): Verdict {
  const members = world.alive.filter(({ joined, asleep }) => joined && !asleep);
  const pairs = pairsOf(members);
  const truth = truthOf(members);
  const plan = planRoom(truth);
  const violations = [
    ...world.violations,
    ...world.voices.check(world.clock.now()),
    ...missingFrom(world, members),
    ...undelivered(plan, pairs),
    ...pairs.flatMap(({ receiver, owner, delivered }) =>
      delivered.length > 1 ? [`the end: ${receiver.id} gets ${delivered.join(' and ')} of ${owner.id}`] : [],
    ),
  ];
  const sent = sum(pairs.map((pair) => pair.sent));
  const published = sum([...world.bus.published.values()]);
  return {
    seed: world.script.seed,
    delivered: sent === 0 ? 1 : sum(pairs.map((pair) => pair.received)) / sent,
    settleMs: Math.max(0, Math.round(world.changedMs - world.lastFaultMs)),
    messagesPerPeer: published / Math.max(1, world.bus.published.size),
    share: shareOf(truth, plan, pairs),
    violations,
    forgeries: world.forgers.forgeries,
    traceHash: world.trace.digest(),
  };
}

/** Who should be in the room once, and is not. */
function missingFrom({ expected }: World, members: readonly PeerProcess[]): string[] {
  return expected.flatMap((peer) => {
    const times = members.filter(({ id }) => id === peer).length;
    return times === 1 ? [] : [`the end: ${peer} is in the room ${times} times`];
  });
}

/** All that is shown, with everybody who wants it. */
function pairsOf(members: readonly PeerProcess[]): Pair[] {
  return members.flatMap((owner) =>
    shownBy(owner.show.streams).flatMap((shown) =>
      members
        .filter((receiver) => receiver !== owner && wantsShown(receiver.profile.wishes.wants, owner.id, shown))
        .map((receiver) => pairOf(owner, shown, receiver)),
    ),
  );
}

function pairOf(owner: PeerProcess, shown: Shown, receiver: PeerProcess): Pair {
  const layers = shown.layers.flatMap((name) => {
    const source = owner.sources.get(name);
    if (source === undefined) return [];
    const received = receiver.sinks.receivedOf(source);
    const sent = source.inWindow;
    return [{ name, sent, received, delivered: sent.total > 0 && cameThrough(sent, received) }];
  });
  // Of a group it is the layer of which most came; which one it should be is the plan's affair.
  const best = layers.reduce((a, b) => (b.received.total > a.received.total ? b : a));
  return {
    ...{ owner, shown, receiver, sent: best.sent.total, received: best.received.total },
    delivered: layers.filter(({ delivered }) => delivered).map(({ name }) => name),
  };
}

/** What does not come though the room can carry all of it; all voices, where it can carry these. */
function undelivered({ rates, unserved }: Plan, pairs: readonly Pair[]): string[] {
  const voices = new Set(pairs.filter(({ shown }) => shown.media === 'audio').map(keyOf));
  const carriesVoices = !unserved.some((pair) => voices.has(`${pair.source}/${pair.stream}>${pair.receiver}`));
  const isAnybodyDeceived = pairs.some(({ owner: { negotiation } }) => (negotiation?.avoided.size ?? 0) > 0);
  return pairs.flatMap((pair) => {
    const { owner, shown, delivered } = pair;
    const isPlanned = shown.layers.some((layer) => (rates[`${owner.id}/${layer}`] ?? 0) > 0);
    const expected = unserved.length === 0 || (carriesVoices && shown.media === 'audio');
    return isPlanned && expected && !isForWantOfHonest(pair, isAnybodyDeceived) && delivered.length === 0
      ? [describe(pair)]
      : [];
  });
}

/**
 * Whether a picture has no way since somebody was deceived through a relay: nothing goes over that one to whom it has deceived, and what
 * the others have is in use, by the plan of all and by those who go round it too. Its owner knows: it plans without the pair, or for a
 * relay that is full, of this or of another whose copy takes the place meanwhile, or has just given one up for that. Voices find a way.
 */
function isForWantOfHonest(
  { owner: { negotiation }, shown: { name, media }, receiver }: Pair,
  isAnybodyDeceived: boolean,
): boolean {
  if (negotiation === undefined || media === 'audio' || !isAnybodyDeceived) return false;
  const isRefused = [...relaysOf(negotiation.wanted)].some((relay) => negotiation.refusals.has(relay));
  const hasGivenUp = [...negotiation.distrusted.values()].includes('other');
  return (
    isRefused || hasGivenUp || negotiation.unserved.get(name)?.some((pair) => pair.receiver === receiver.id) === true
  );
}

function keyOf({ owner, shown, receiver }: Pair): string {
  return `${owner.id}/${shown.name}>${receiver.id}`;
}

function shareOf(truth: PlanInput, { unserved }: Plan, pairs: readonly Pair[]): number {
  const room = roomOf(truth);
  const { feasible, rates, held } = boundOf(room);
  if (!feasible || unserved.length > 0) return servedShare(unserved.length, pairs);
  const shares = room.streams.flatMap(({ name, owner, layers }, index) => {
    const own = pairs.filter((pair) => pair.owner.id === room.ids[owner] && pair.shown.layers.includes(name));
    const [first] = own;
    const most = rates[index] ?? 0;
    // How the receivers of a group are spread over its layers is the plan's choice, not the bound's.
    if (first === undefined || layers.length > 1 || held[index] || most === 0) return [];
    return [(first.owner.rateOf(name) / most) * (own.filter(isDelivered).length / own.length)];
  });
  return Math.min(1, ...shares);
}

function servedShare(unserved: number, pairs: readonly Pair[]): number {
  const planned = pairs.length - unserved;
  return planned <= 0 ? 1 : Math.min(1, pairs.filter(isDelivered).length / planned);
}

function isDelivered({ delivered }: Pair): boolean {
  return delivered.length > 0;
}

function describe({ owner, shown, receiver, sent, received }: Pair): string {
  return `the end: ${receiver.id} got ${received} of ${sent} packets of ${owner.id}/${shown.name}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
