/** One run of the simulator. */
import { type Draw, drawScript } from './script/draw.ts';
import type { Script } from './script/script.ts';
import { type Verdict, verdictOf } from './verdict/verdict.ts';
import { World } from './world/world.ts';

/** Packets a second of every source: each of the 16 slices gets more than one, and a 20-peer minute stays under a minute. */
export const PACKETS_PER_SECOND = 25;
/** Of the settled window: seven packets of every slice. */
export const WINDOW_MS = 5000;

export interface RunOptions {
  readonly watch?: (line: string) => void;
  readonly progress?: (nowMs: number) => void;
}

/** The same script gives the same verdict, and the same trace byte for byte. */
export function simulate(script: Script, options: RunOptions = {}): Verdict {
  const { watch, progress } = options;
  const world = new World({
    script,
    packetsPerSecond: PACKETS_PER_SECOND,
    windowMs: WINDOW_MS,
    ...(watch && { watch }),
  });
  world.run(progress);
  const verdict = verdictOf(world);
  world.end();
  return verdict;
}

export function simulateDrawn(draw: Draw, options: RunOptions = {}): Verdict {
  return simulate(drawScript(draw), options);
}
