/** A room whose client sends through a relay that goes: for how long its receivers get nothing of it, and what they never get. */
import type { PeerId } from '../../machines/messages.ts';
import { camerasJoin } from './script/cameras.ts';
import { WINDOW_MS } from './simulation.ts';
import type { MediaPacket, MediaSource } from './world/media/source.ts';
import type { PeerProcess } from './world/peer/peer-process.ts';
import { World } from './world/world.ts';

/** C has upload for one copy and little more, and needs a relay: A, B after it, and D and E after these. */
const UPLOADS: Readonly<Record<PeerId, number>> = { A: 12, B: 9, C: 1.9, D: 6, E: 6 };
export const CLIENT: PeerId = 'C';
/** As many as a camera of 1 Mbit/s has. */
const PACKETS_PER_SECOND = 100;
const JOIN_EVERY_MS = 200;
/** The room has settled by then. */
const SETTLED_MS = 8000;
/** What was sent last has come by then. */
const ARRIVED_MS = 500;

export interface Failover {
  readonly world: World;
  /** The relay of {@link CLIENT}. */
  readonly relay: PeerId;
}

export interface Outcome {
  /** By receiver: for how long nothing of the client came, in ms. */
  readonly gapsMs: ReadonlyMap<PeerId, number>;
  /** Packets of all who went on that never came to some who went on, as `C/camera>A`. */
  readonly lost: ReadonlyMap<string, number>;
  readonly violations: readonly string[];
}

/** Plays a room until it has settled, lets `happen` have its way, and goes on for so long. `gone` do not count: they went, or stood still. */
export function failover(
  seed: number,
  afterMs: number,
  happen: (failover: Failover) => readonly PeerId[],
  watch?: (line: string) => void,
): Outcome {
  const faults = camerasJoin(UPLOADS, JOIN_EVERY_MS);
  const seconds = (SETTLED_MS + afterMs + ARRIVED_MS) / 1000;
  const script = { seed, preset: 'calm', seconds, faults } as const;
  const world = new World({
    script,
    packetsPerSecond: PACKETS_PER_SECOND,
    windowMs: WINDOW_MS,
    ...(watch && { watch }),
  });
  world.clock.runUntil(SETTLED_MS);
  const relay = relayOf(processOf(world, CLIENT));
  const arrivals = watchArrivals(world);
  const gone = happen({ world, relay });
  world.clock.runUntil(SETTLED_MS + afterMs + ARRIVED_MS);
  const going = world.alive.filter(({ id }) => !gone.includes(id));
  const lost = new Map<string, number>();
  const gapsMs = new Map<PeerId, number>();
  for (const receiver of going) {
    for (const owner of going) {
      if (owner === receiver) continue;
      for (const [stream, source] of owner.sources) {
        const { indices, longestMs } = arrivals.get(receiver.id)?.get(source) ?? NOTHING_CAME;
        const sent = arrivals.get(owner.id)?.get(source)?.indices ?? new Set<number>();
        const missing = [...sent].filter((index) => !indices.has(index)).length;
        if (missing > 0) lost.set(`${owner.id}/${stream}>${receiver.id}`, missing);
        if (owner.id === CLIENT) gapsMs.set(receiver.id, longestMs);
      }
    }
  }
  const { violations } = world;
  world.end();
  return { gapsMs, lost, violations };
}

export function processOf(world: World, id: PeerId): PeerProcess {
  const process = world.alive.find((one) => one.id === id);
  if (process === undefined) throw new Error(`${id} is not in the room`);
  return process;
}

/** Through whom its own streams go. */
function relayOf(client: PeerProcess): PeerId {
  const [first] = client.transport.table.relays;
  if (first === undefined) throw new Error(`${client.id} has no relay`);
  return first.relay;
}

/** What has come of one source at one receiver since watching began. */
interface Came {
  readonly indices: Set<number>;
  atMs: number;
  longestMs: number;
}

const NOTHING_CAME = { indices: new Set<number>(), longestMs: Number.POSITIVE_INFINITY };

/** From now on, by receiver and source; under the owner itself, what it sends. */
function watchArrivals(world: World): Map<PeerId, Map<MediaSource, Came>> {
  const arrivals = new Map<PeerId, Map<MediaSource, Came>>();
  const fromMs = world.clock.now();
  const note = (peer: PeerId, { source, index, sentAtMs }: MediaPacket) => {
    // What was on its way already is nobody's loss.
    if (sentAtMs < fromMs || sentAtMs > world.script.seconds * 1000 - ARRIVED_MS) return;
    const of = arrivals.get(peer) ?? new Map<MediaSource, Came>();
    arrivals.set(peer, of);
    const nowMs = world.clock.now();
    const came = of.get(source) ?? { indices: new Set<number>(), atMs: fromMs, longestMs: 0 };
    of.set(source, came);
    came.indices.add(index);
    came.longestMs = Math.max(came.longestMs, nowMs - came.atMs);
    came.atMs = nowMs;
  };
  for (const process of world.alive) {
    const take = process.sinks.take.bind(process.sinks);
    process.sinks.take = (packet, nowMs) => {
      note(process.id, packet);
      return take(packet, nowMs);
    };
    for (const source of process.sources.values()) {
      const next = source.next.bind(source);
      source.next = (ssrc, nowMs) => {
        const packet = next(ssrc, nowMs);
        note(process.id, packet);
        return packet;
      };
    }
  }
  return arrivals;
}
