/** What a case of the benchmark of sealed media is, and what comes of one. */

/** A figure is null where the case has none of that kind. */
export interface Figures {
  /** Processor time beside that of the same in the clear. */
  readonly cpuRatio: number | null;
  /** Packets, or changes of keys, that should have come and did not. */
  readonly lost: number | null;
  readonly ms: number | null;
}

export interface SealedCase {
  readonly name: string;
  /** What must hold, for a person. */
  readonly asks: string;
  readonly play: (signal: AbortSignal) => Promise<Figures>;
}

/** Of so many packets a source tells at once: as many as come in a quarter of a second at 5 Mbit/s. */
export const TOLD_AT_ONCE = 125;
