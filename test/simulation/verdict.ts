/** What a run came to: delivery once the room had settled, how long that took, what it cost, and how near the bound it is. */
import type { PlanInput } from '../../machines/plan.ts';
import { planRoom } from '../../machines/plan.ts';
import { boundOf } from '../../machines/planning/bound.ts';
import { roomOf } from '../../machines/planning/room.ts';
import { isDelivered } from './delivery.ts';
import type { PeerProcess } from './peer-process.ts';
import { HEADROOM } from './peer-process.ts';
import type { World } from './world.ts';

export interface Verdict {
  readonly seed: number;
  /** Of the packets sent in the settled window to pairs that the bound allows, the share that arrived, 0..1. */
  readonly delivered: number;
  /** From the last fault to the last change of a route or a rate, in virtual ms. */
  readonly settleMs: number;
  /** Published, heartbeats included. */
  readonly messagesPerPeer: number;
  /**
   * The lowest rate of a source that neither its own maximum nor its upload holds, over what the bound gives it, times the
   * share of its receivers that get it. In a room too poor for the least rates: pairs served over pairs that a plan serves.
   */
  readonly share: number;
  readonly violations: readonly string[];
  readonly traceHash: string;
}

interface Pair {
  readonly source: PeerProcess;
  readonly receiver: PeerProcess;
  readonly sent: number;
  readonly received: number;
  readonly delivered: boolean;
}

/** To be asked when the world's time is up. */
export function verdictOf(world: World): Verdict {
  const members = world.alive.filter(({ joined }) => joined);
  const pairs = pairsOf(members);
  const truth = truthOf(members);
  const room = roomOf(truth);
  const { feasible, rates, held } = boundOf(room);
  const violations = [...world.violations];
  const missing = pairs.filter(({ delivered }) => !delivered);
  if (feasible) violations.push(...missing.map((pair) => describe(pair)));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const sent = sum(pairs.map((pair) => pair.sent));
  const published = sum([...world.bus.published.values()]);
  const shares = room.streams.flatMap(({ owner }, index) => {
    const id = room.ids[owner];
    const source = members.find((member) => member.id === id);
    const own = pairs.filter((pair) => pair.source === source);
    const most = rates[index] ?? 0;
    if (source === undefined || own.length === 0 || held[index] || most === 0) return [];
    return [(source.rateBps / most) * (own.filter(({ delivered }) => delivered).length / own.length)];
  });
  return {
    seed: world.script.seed,
    delivered: sent === 0 ? 1 : sum(pairs.map((pair) => pair.received)) / sent,
    settleMs: Math.max(0, Math.round(world.changedMs - world.lastFaultMs)),
    messagesPerPeer: published / Math.max(1, world.bus.published.size),
    share: feasible ? Math.min(1, ...shares) : servedShare(truth, pairs),
    violations,
    traceHash: world.trace.digest(),
  };
}

/** Every two members of whom one has a source that sent something in the window. */
function pairsOf(members: readonly PeerProcess[]): Pair[] {
  return members.flatMap((source) => {
    const media = source.source;
    if (media === null) return [];
    return members.flatMap((receiver) => {
      if (receiver === source) return [];
      const received = receiver.sinks.receivedOf(media);
      const delivered = media.inWindow.total > 0 && isDelivered(media.inWindow, received);
      return [{ source, receiver, sent: media.inWindow.total, received: received.total, delivered }];
    });
  });
}

/** The room as it really is, for the planner. */
function truthOf(members: readonly PeerProcess[]): PlanInput {
  const peers = members.map(({ id, uploadBps, lendBps, compatible, range }) => {
    const streams = range === null ? [] : [{ name: 'camera', media: 'video' as const, ...range }];
    if (!compatible) return { id, compatible, uploadBps, lendBps: 0, streams };
    return { id, compatible, uploadBps: uploadBps * HEADROOM, lendBps, streams };
  });
  return { headroom: 1, peers };
}

function servedShare(truth: PlanInput, pairs: readonly Pair[]): number {
  const planned = pairs.length - planRoom(truth).unserved.length;
  return planned <= 0 ? 1 : Math.min(1, pairs.filter(({ delivered }) => delivered).length / planned);
}

function describe({ source, receiver, sent, received }: Pair): string {
  return `the end: ${receiver.id} got ${received} of ${sent} packets of ${source.id}`;
}
