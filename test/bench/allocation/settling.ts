/** How long a room takes to settle and what that costs in messages, in the simulator: the machines that ship, in virtual time. */
import { simulateDrawn } from '../../simulation/simulation.ts';

export const SETTLING_SIZES = [4, 8, 12, 20];
export const PRESETS_COMPARED = ['calm', 'home'] as const;

/** Three in which everybody joins, at most eleven until the room has settled, and the last six, which are judged. */
export const RUN_SECONDS = 20;

export interface Settling {
  readonly preset: (typeof PRESETS_COMPARED)[number];
  readonly size: number;
  /** One for each run: virtual ms from the last join or fault to the last change of a route or a rate. */
  readonly settleMs: readonly number[];
  /** One for each run: published, heartbeats included. */
  readonly messagesPerPeer: readonly number[];
  /** The lowest of the runs, 0..1. */
  readonly share: number;
  readonly violations: number;
}

/** `runs` runs of every size and preset, with seeds from 1. */
export function measureSettling(runs: number, say: (line: string) => void): Settling[] {
  return PRESETS_COMPARED.flatMap((preset) =>
    SETTLING_SIZES.map((size): Settling => {
      const verdicts = Array.from({ length: runs }, (_, index) => {
        const seed = index + 1;
        say(`settling: ${preset}, ${size} peers, seed ${seed}`);
        return simulateDrawn({ seed, preset, peers: size, seconds: RUN_SECONDS });
      });
      return {
        preset,
        size,
        settleMs: verdicts.map(({ settleMs }) => settleMs),
        messagesPerPeer: verdicts.map(({ messagesPerPeer }) => messagesPerPeer),
        share: Math.min(...verdicts.map(({ share }) => share)),
        violations: verdicts.reduce((sum, { violations }) => sum + violations.length, 0),
      };
    }),
  );
}
