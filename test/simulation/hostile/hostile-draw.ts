/** The rooms that a seed of each kind stands for: the same in the long command and in tests. */
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

/** In which everything goes wrong; and in which members, the server and whoever is on the way forge. */
export const KINDS = ['hostile', 'forgers'] as const;
export type RoomKind = (typeof KINDS)[number];

export function drawOf(kind: RoomKind, seed: number): Draw {
  return kind === 'forgers' ? forgersDraw(seed) : hostileDraw(seed);
}

/** Forging for three seconds; then time for whoever was misled, and a second and a half that counts: so short that ten thousand are soon played. */
const FORGERS_SECONDS = 7.5;
/** A room of five takes three times as long as one of three. */
const FORGERS_PEERS = [3, 3, 3, 4, 4, 5] as const;

function forgersDraw(seed: number): Draw {
  const peers = FORGERS_PEERS[seed % FORGERS_PEERS.length] ?? FORGERS_PEERS[0];
  return { seed, preset: 'forgers', peers, seconds: FORGERS_SECONDS };
}

function hostileDraw(seed: number): Draw {
  if (isMeasured(seed)) {
    const peers = FEWEST_PEERS + (Math.floor(seed / MEASURED_EVERY) % (MOST_MEASURED - FEWEST_PEERS + 1));
    return { seed, preset: 'lines', peers, seconds: SECONDS };
  }
  const peers = FEWEST_PEERS + (seed % (MOST_PEERS - FEWEST_PEERS + 1));
  return { seed, preset: 'hostile', peers, seconds: SECONDS };
}

export function simulateSeed(kind: RoomKind, seed: number): Verdict {
  return simulateDrawn(drawOf(kind, seed));
}

/** The command that plays the same room, tells what happens in it, and looks for a shorter script that fails. */
export function replayOf({ preset, peers, seed, seconds }: Draw): string {
  return `npm run simulate -- --preset ${preset} --peers ${peers} --seed ${seed} --seconds ${seconds}`;
}
