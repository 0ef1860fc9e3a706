/** Notices that the line carries less than `--upload` says, so that a person hears of it: once for each figure. */
import type { UplinkState } from '../../machines/uplink/contract.ts';

/** `lineBps` is what the line carries, on the wire. */
export interface OverratedNews {
  readonly type: 'uplink.overrated';
  readonly toldBps: number;
  readonly lineBps: number;
}

/** The line has been asked again by then, so that it is no moment's trouble. In ms. */
const LASTS_MS = 5000;

type Seen = Pick<UplinkState, 'isToldBelieved' | 'capacityBps' | 'limitedBy'>;

/** Whether the line itself, and nobody else on it, has shown that it carries less than is told. */
export function isOverrated({ isToldBelieved, limitedBy }: Seen, toldBps: number | null): boolean {
  return toldBps !== null && !isToldBelieved && limitedBy === 'line';
}

export class OverratedWatch {
  #sinceMs: number | undefined;
  #saidBps: number | undefined;

  /** To be called twice a second or so. @param toldBps `--upload`; null: nobody says what the line carries */
  observe(state: Seen, toldBps: number | null, nowMs: number): OverratedNews[] {
    const { capacityBps } = state;
    if (toldBps === null || toldBps === this.#saidBps || capacityBps === undefined || !isOverrated(state, toldBps)) {
      this.#sinceMs = undefined;
      return [];
    }
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs < LASTS_MS) return [];
    this.#saidBps = toldBps;
    return [{ type: 'uplink.overrated', toldBps, lineBps: Math.round(capacityBps) }];
  }
}
