/** A room all of whose members measure their uplinks: voices and cameras on lines of these rates, in Mbit/s. */
import { setImmediate } from 'node:timers/promises';
import { boundOf } from '../../machines/planning/bound.ts';
import { roomOf } from '../../machines/planning/room.ts';
import { processOf } from './failover.ts';
import type { PresetName } from './script/presets.ts';
import type { Fault, SimulatedStream } from './script/script.ts';
import { PACKETS_PER_SECOND, WINDOW_MS } from './simulation.ts';
import { truthOf } from './verdict/truth.ts';
import { AccessLine } from './world/network/access-line.ts';
import { World } from './world/world.ts';

const MBIT = 1_000_000;
const JOIN_EVERY_MS = 200;
const single = { group: null, layer: 0 };
const VOICE: SimulatedStream = { name: 'voice', media: 'audio', minBps: 32_000, maxBps: 32_000, ...single };
const CAMERA: SimulatedStream = { name: 'camera', media: 'video', minBps: 100_000, maxBps: 3_800_000, ...single };

export interface MeasuredRoom {
  readonly uploads: Readonly<Record<string, number>>;
  /** What lines carry towards members, in Mbit/s; who is not named is not limited. */
  readonly downlinks?: Readonly<Record<string, number>>;
  /** Who is at home behind which router; all there have the line of the first. Left out: all are in one network. */
  readonly homes?: Readonly<Record<string, string>>;
  readonly cameraBps?: number;
  readonly seconds: number;
  readonly faults?: readonly Fault[];
  readonly seed?: number;
  readonly preset?: PresetName;
  /** Left out: all that they have. */
  readonly lendBps?: number;
  /** Encoders send key frames. */
  readonly isBursty?: boolean;
  /** Shown every line of the trace. */
  readonly watch?: (line: string) => void;
}

export function measuredRoom(room: MeasuredRoom): World {
  const {
    uploads,
    cameraBps = CAMERA.maxBps,
    seconds,
    faults = [],
    seed = 1,
    preset = 'calm',
    isBursty = false,
    watch,
  } = room;
  const streams = [VOICE, { ...CAMERA, maxBps: cameraBps }];
  const joins = Object.entries(uploads).map(([peer, mbit], index): Fault => {
    const uploadBps = mbit * MBIT;
    const lends = { uploadBps, lendBps: room.lendBps ?? Number.MAX_SAFE_INTEGER, auto: true, compatible: true };
    const down = room.downlinks?.[peer];
    const downlink = down === undefined ? {} : { downlinkBps: down * MBIT };
    const router = room.homes?.[peer];
    const place = room.homes && { place: router === undefined ? ('open' as const) : { router, nat: 'cone' as const } };
    return {
      at: index * JOIN_EVERY_MS,
      do: 'join',
      peer,
      ...lends,
      ...downlink,
      ...place,
      streams,
      wants: 'all',
      downloadBps: null,
    };
  });
  const script = { seed, preset, seconds, faults: [...joins, ...faults] };
  return new World({
    script,
    packetsPerSecond: PACKETS_PER_SECOND,
    windowMs: WINDOW_MS,
    isBursty,
    ...(watch && { watch }),
  });
}

/** Up to this moment, a second at a time, so that it shows that something goes on. */
export async function playUntil(world: World, untilMs: number): Promise<void> {
  while (world.clock.now() < untilMs) {
    world.clock.runUntil(Math.min(untilMs, world.clock.now() + 1000));
    await setImmediate();
  }
}

/** What went wrong, lost words among it. */
export function wrongIn(world: World): string[] {
  return [...world.violations, ...world.voices.check(world.clock.now())];
}

/** The lowest rate of a camera, over what the bound for the true figures gives it. */
export function shareOfBound({ alive }: World): number {
  const room = roomOf(truthOf(alive));
  const { rates } = boundOf(room);
  const shares = room.streams.flatMap(({ name, owner, audio }, index) => {
    const process = alive.find(({ id }) => id === room.ids[owner]);
    return audio || process === undefined ? [] : [process.rateOf(name) / (rates[index] ?? 0)];
  });
  return Math.min(...shares);
}

export function lineOf(world: World, peer: string): AccessLine {
  const { uplink } = processOf(world, peer);
  if (!(uplink instanceof AccessLine)) throw new Error(`${peer} does not measure its uplink`);
  return uplink;
}
