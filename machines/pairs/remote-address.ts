/** One address at which another member may be: when it is checked, and what that has shown. Pure: the time is given. */
import type { Endpoint } from '../messages.ts';
import type { AddressKind } from '../ports.ts';
import { DELAYS } from '../timers.ts';
import { AGAIN_AFTER } from './trials.ts';

/** The lower, the better: what is near before what is far, what costs nothing before what is lent. */
const RANKS: Readonly<Record<AddressKind, number>> = { host: 0, mapped: 1, reflexive: 2, seen: 3, relayed: 4 };

const NEVER = Number.POSITIVE_INFINITY;
/** How far a consent check is early or late, as a share of its interval (RFC 7675 section 5.1). */
const CONSENT_SPREAD = 0.2;
/** Shares of the new and the old round trip (RFC 6298 section 2.3). */
const RTT_GAIN = 1 / 8;

export class RemoteAddress {
  readonly endpoint: Endpoint;
  kind: AddressKind;
  /** When it is checked next. */
  nextMs: number;
  /** When it answered last, and when a check of its member came from it last. */
  answeredMs: number | null = null;
  heardMs: number | null = null;
  /** Round trip, smoothed. */
  rttMs: number | null = null;
  /** Checks since it last answered. */
  unanswered = 0;
  /** Its member has just shown that it is there, and waits for a check. */
  isOwed = false;

  constructor(endpoint: Endpoint, kind: AddressKind, nextMs: number) {
    this.endpoint = endpoint;
    this.kind = kind;
    this.nextMs = nextMs;
  }

  get rank(): number {
    return RANKS[this.kind];
  }

  /** Whether media may be sent to it. */
  isProved(nowMs: number): boolean {
    return nowMs < endOf(this.answeredMs);
  }

  /** Whether what comes from it is its member's. */
  isHeard(nowMs: number): boolean {
    return this.isProved(nowMs) || nowMs < endOf(this.heardMs);
  }

  /** When that ends by itself; what has ended ends no more. */
  endsMs(nowMs: number): number {
    return Math.min(...[endOf(this.answeredMs), endOf(this.heardMs)].map((endMs) => (endMs > nowMs ? endMs : NEVER)));
  }

  /** A check of it leaves. @param paceMs before an address that has proved nothing is tried again */
  checked(nowMs: number, paceMs: number): void {
    const proved = this.isProved(nowMs);
    const [first, most] = proved ? [DELAYS.checkAgain, DELAYS.consentInterval] : [paceMs, DELAYS.checkSlowest];
    const paces = this.unanswered === 0 && !proved ? AGAIN_AFTER : 2 ** this.unanswered;
    this.nextMs = nowMs + Math.min(most, paces * first);
    this.unanswered += 1;
    this.isOwed = false;
  }

  /** @param luck 0..1: so that pairs that met together do not go on asking together */
  answered(sentMs: number, nowMs: number, luck: number): void {
    const rttMs = nowMs - sentMs;
    this.rttMs = this.rttMs === null ? rttMs : this.rttMs + RTT_GAIN * (rttMs - this.rttMs);
    this.answeredMs = nowMs;
    this.unanswered = 0;
    this.nextMs = nowMs + DELAYS.consentInterval * (1 + CONSENT_SPREAD * (2 * luck - 1));
  }

  /** From now on as one that was never tried; what it has proved stays. */
  tryAt(nowMs: number): void {
    this.unanswered = 0;
    this.nextMs = Math.min(this.nextMs, nowMs);
  }

  /** As {@link tryAt}, whenever it was checked last. */
  owe(nowMs: number): void {
    this.isOwed = true;
    this.tryAt(nowMs);
  }

  /** There is a better one: it is checked when that fails. */
  rest(): void {
    this.nextMs = NEVER;
  }
}

function endOf(sinceMs: number | null): number {
  return sinceMs === null ? Number.NEGATIVE_INFINITY : sinceMs + DELAYS.consentExpiry;
}
