/** How far a measurement is: a pure function of what the controller says, who is there, and time. */
import type { PeerId } from '../../machines/messages.ts';
import type { UplinkState } from '../../machines/uplink/contract.ts';

/** Whoever starts both ends has done so by then. In ms. */
const NOBODY_MS = 20_000;
/** Who is there and lets packets through has answered by then. */
const UNANSWERED_MS = 10_000;
/** The first figure has been asked for again for longer by then, and the line has shown what it is. */
const AT_LEAST_MS = 4000;
const STILL_MS = 2000;
/** Within this it is the same figure, as a share. */
const SAME = 0.03;
/** A line that is never still is told as it is by then. */
const AT_MOST_MS = 15_000;

export interface Seen {
  /** Members of the room, ourselves not among them. */
  readonly members: readonly PeerId[];
  /** Those of them who have agreed. */
  readonly agreed: readonly PeerId[];
  readonly state: Pick<UplinkState, 'capacityBps' | 'limitedBy'>;
}

/** What is known of the line; `limitedBy` tells whether it, or what was agreed, is the end of it. */
export interface Reading extends Pick<Seen, 'agreed'> {
  readonly lineBps: number;
  readonly limitedBy: UplinkState['limitedBy'];
  readonly tookMs: number;
}

export type Stage =
  | { readonly is: 'waiting' }
  | { readonly is: 'reaching'; readonly agreed: readonly PeerId[] }
  | { readonly is: 'measuring'; readonly lineBps: number }
  | { readonly is: 'done'; readonly reading: Reading }
  /** Nobody has agreed: nobody is there at all, or these are and have not. */
  | { readonly is: 'nobody'; readonly members: readonly PeerId[] }
  | { readonly is: 'unanswered'; readonly agreed: readonly PeerId[] };

export class Measuring {
  #beganAtMs: number | undefined;
  #agreedAtMs: number | undefined;
  #foundAtMs: number | undefined;
  #still: { readonly bps: number; readonly sinceMs: number } | undefined;

  /** To be called a few times a second. */
  observe({ members, agreed, state }: Seen, nowMs: number): Stage {
    this.#beganAtMs ??= nowMs;
    const { capacityBps: lineBps, limitedBy } = state;
    if (agreed.length === 0) return this.#waits(members, nowMs);
    this.#agreedAtMs ??= nowMs;
    if (lineBps === undefined || limitedBy === 'unmeasured') {
      if (nowMs - this.#agreedAtMs >= UNANSWERED_MS) return { is: 'unanswered', agreed };
      return { is: 'reaching', agreed };
    }
    if (limitedBy === 'silence') return { is: 'unanswered', agreed };
    this.#foundAtMs ??= nowMs;
    const isSame = this.#still !== undefined && Math.abs(lineBps / this.#still.bps - 1) <= SAME;
    if (!isSame) this.#still = { bps: lineBps, sinceMs: nowMs };
    const foundMs = nowMs - this.#foundAtMs;
    const isStill = nowMs - (this.#still?.sinceMs ?? nowMs) >= STILL_MS;
    if (!(foundMs >= AT_LEAST_MS && isStill) && foundMs < AT_MOST_MS) return { is: 'measuring', lineBps };
    return { is: 'done', reading: { lineBps, limitedBy, agreed, tookMs: nowMs - this.#agreedAtMs } };
  }

  #waits(members: readonly PeerId[], nowMs: number): Stage {
    [this.#agreedAtMs, this.#foundAtMs, this.#still] = [undefined, undefined, undefined];
    const isOver = nowMs - (this.#beganAtMs ?? nowMs) >= NOBODY_MS;
    return isOver ? { is: 'nobody', members } : { is: 'waiting' };
  }
}
