/** One run of the simulator. */
import { type Draw, drawScript } from './script/draw.ts';
import { MEDIA, PRESETS } from './script/presets.ts';
import type { Script } from './script/script.ts';
import { type Verdict, verdictOf } from './verdict/verdict.ts';
import { World } from './world/world.ts';

/** As most presets have it. */
export const { packetsPerSecond: PACKETS_PER_SECOND, windowMs: WINDOW_MS } = MEDIA;

export interface RunOptions {
  readonly watch?: (line: string) => void;
  readonly progress?: (nowMs: number) => void;
}

/** The same script gives the same verdict, and the same trace byte for byte. */
export function simulate(script: Script, options: RunOptions = {}): Verdict {
  const { watch, progress } = options;
  const world = new World({
    script,
    ...PRESETS[script.preset].media,
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
