/** The hostile rooms that a seed stands for: the same in the long command and in the test. */
import type { Draw } from './draw.ts';
import { type RunOptions, simulateDrawn } from './simulation.ts';
import type { Verdict } from './verdict.ts';

/** Large enough for relays of relays' clients, small enough for many seeds. */
const FEWEST_PEERS = 5;
const MOST_PEERS = 12;

/** How long a run is, and how closely it is looked at. */
export interface Depth {
  readonly seconds: number;
  readonly options: RunOptions;
}

/** Time for a lost trust to come back and for the room to settle on that. */
export const THOROUGH: Depth = { seconds: 32, options: { packetsPerSecond: 20, windowMs: 4000 } };
/** Faults for seven seconds, nine to settle: what a test has time for. A packet of each slice a second is the least. */
export const BRIEF: Depth = { seconds: 22, options: { packetsPerSecond: 16, windowMs: 5000 } };

export function hostileDraw(seed: number, { seconds }: Depth): Draw {
  const peers = FEWEST_PEERS + (seed % (MOST_PEERS - FEWEST_PEERS + 1));
  return { seed, preset: 'hostile', peers, seconds };
}

export function simulateHostile(seed: number, depth: Depth): Verdict {
  return simulateDrawn(hostileDraw(seed, depth), depth.options);
}
