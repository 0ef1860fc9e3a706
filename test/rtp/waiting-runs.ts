/** Many runs of one stream, of which packets wait where one ends and the next begins; and what becomes of the stream's time. */

export const FRAME_MS = 20;
const TICKS_PER_MS = 48;
const RUNS = 400;
const FRAMES = 50;
/** So many frames wait at the beginning or the end of a run. */
const WAITING = 4;

export interface RunPacket {
  readonly run: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly atMs: number;
  readonly begins: boolean;
}

export interface Runs {
  /** Between the runs, beside what is between frames. */
  readonly pauseMs: number;
  readonly waitedMs: number;
  /** @returns the timestamp that the packet has in the stream */
  readonly send: (packet: RunPacket) => number;
}

export interface RunsTime {
  /** Of each run: how far it is ahead of the first one, by when its packets were made; and what its first packet waited. */
  readonly runs: readonly { readonly aheadMs: number; readonly firstWaitedMs: number }[];
  /** The least from one packet to the next. */
  readonly leastStepMs: number;
}

/** 48 kHz; sequence numbers go on from run to run, timestamps don't. */
export function playRuns({ pauseMs, waitedMs, send }: Runs): RunsTime {
  const runs: RunsTime['runs'][number][] = [];
  let [leastStepMs, shownMs, cameMs] = [Number.POSITIVE_INFINITY, 0, 0];
  let last: number | undefined;
  let zeroMs = 0;
  for (let run = 0; run < RUNS; run++) {
    const firstWaitedMs = run % 3 === 1 ? waitedMs : 0;
    const lastWaitedMs = run % 2 === 0 ? waitedMs : 0;
    for (let frame = 0; frame < FRAMES; frame++) {
      const madeMs = run * (FRAMES * FRAME_MS + pauseMs) + frame * FRAME_MS;
      const waits = frame < WAITING ? firstWaitedMs : frame >= FRAMES - WAITING ? lastWaitedMs : 0;
      cameMs = Math.max(cameMs, madeMs + waits);
      const timestamp = (run * 1_234_567_891 + frame * FRAME_MS * TICKS_PER_MS) >>> 0;
      const sequence = (run * FRAMES + frame) & 0xffff;
      const shown = send({ run, sequence, timestamp, atMs: cameMs, begins: frame === 0 });
      const stepMs = last === undefined ? 0 : ((shown - last) | 0) / TICKS_PER_MS;
      if (last !== undefined) leastStepMs = Math.min(leastStepMs, stepMs);
      last = shown;
      shownMs += stepMs;
      if (frame !== FRAMES / 2) continue;
      if (run === 0) zeroMs = shownMs - madeMs;
      runs.push({ aheadMs: shownMs - madeMs - zeroMs, firstWaitedMs });
    }
  }
  return { runs, leastStepMs };
}
