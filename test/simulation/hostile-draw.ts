/** The hostile rooms that a seed stands for: the same in the long command and in the test. */
import type { Draw } from './draw.ts';
import { simulateDrawn } from './simulation.ts';
import type { Verdict } from './verdict.ts';

/** Large enough for relays of relays' clients, small enough for many seeds. */
const FEWEST_PEERS = 5;
const MOST_PEERS = 12;

export const DEPTH_NAMES = ['brief', 'thorough'] as const;
export type DepthName = (typeof DEPTH_NAMES)[number];

/** How long a run is, in virtual seconds. */
const SECONDS: Readonly<Record<DepthName, number>> = {
  /** Faults for seven seconds, nine to settle. */
  brief: 22,
  /** Faults for twelve seconds, and time for a lost trust to come back and for the room to settle on that. */
  thorough: 32,
};

export function hostileDraw(seed: number, depth: DepthName): Draw {
  const peers = FEWEST_PEERS + (seed % (MOST_PEERS - FEWEST_PEERS + 1));
  return { seed, preset: 'hostile', peers, seconds: SECONDS[depth] };
}

export function simulateHostile(seed: number, depth: DepthName): Verdict {
  return simulateDrawn(hostileDraw(seed, depth));
}

/** The command that plays the same room, tells what happens in it, and looks for a shorter script that fails. */
export function replayOf(draw: Draw): string {
  return `npm run simulate -- --preset ${draw.preset} --peers ${draw.peers} --seed ${draw.seed} --seconds ${draw.seconds}`;
}
