/** The hostile rooms that a seed stands for: the same in the long command and in the test. */
import type { Draw } from '../script/draw.ts';
import { simulateDrawn } from '../simulation.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** Large enough for relays of relays' clients, small enough for many seeds. */
const FEWEST_PEERS = 5;
const MOST_PEERS = 12;

/**
 * Faults for ten seconds, then time for whatever follows from them: a relay that took and did not forward is found out in three
 * seconds and asked again ten later, and the room must settle on that as well before it is judged.
 */
const SECONDS = 30;

/**
 * In one room of so many uplinks are measured, on lines that fail and are shared, by what liars tell of arrivals. Its packets are as large
 * as on the wire, so that it takes as long as ten others: it is small.
 */
const MEASURED_EVERY = 20;
const MOST_MEASURED = 6;

/** Whether its uplinks are measured. */
export function isMeasured(seed: number): boolean {
  return seed % MEASURED_EVERY === MEASURED_EVERY - 1;
}

export function hostileDraw(seed: number): Draw {
  if (isMeasured(seed)) {
    const peers = FEWEST_PEERS + (Math.floor(seed / MEASURED_EVERY) % (MOST_MEASURED - FEWEST_PEERS + 1));
    return { seed, preset: 'lines', peers, seconds: SECONDS };
  }
  const peers = FEWEST_PEERS + (seed % (MOST_PEERS - FEWEST_PEERS + 1));
  return { seed, preset: 'hostile', peers, seconds: SECONDS };
}

export function simulateHostile(seed: number): Verdict {
  return simulateDrawn(hostileDraw(seed));
}

/** The command that plays the same room, tells what happens in it, and looks for a shorter script that fails. */
export function replayOf({ preset, peers, seed, seconds }: Draw): string {
  return `npm run simulate -- --preset ${preset} --peers ${peers} --seed ${seed} --seconds ${seconds}`;
}
