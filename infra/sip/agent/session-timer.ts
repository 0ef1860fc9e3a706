/** Session timers (RFC 4028): who of the two refreshes a call, and when it is dead. */
import { wholeNumber } from '../grammar.ts';
import { type Header, headerOf, listsToken, type SipMessage } from '../message.ts';
import type { Timer, TimerQueue } from '../timers.ts';

/** The shortest interval that is agreed to, in s (section 4). */
const LEAST_SESSION_S = 90;
const MOST_SESSION_S = 86_400;
/** Of the refusal of a shorter one (422, section 6). */
export const LEAST_SESSION: Header = { name: 'min-se', value: String(LEAST_SESSION_S) };
/** What is left of the interval when a call counts as dead, in s: a third, at most this (section 10). */
const GRACE_S = 32;

export interface SessionInterval {
  readonly seconds: number;
  readonly refreshes: 'we' | 'they';
}

/** What a request asks for; null: nothing; `short`: less than is agreed to. */
export function askedInterval(request: SipMessage): SessionInterval | 'short' | null {
  const { seconds, refresher } = readInterval(request);
  if (seconds === undefined) return null;
  if (seconds < LEAST_SESSION_S) return 'short';
  const canRefresh = listsToken(request, 'supported', 'timer') || listsToken(request, 'require', 'timer');
  return { seconds, refreshes: refresher === 'uas' || !canRefresh ? 'we' : 'they' };
}

/** What the answer to our own request settles; null: no interval. */
export function settledInterval(response: SipMessage): SessionInterval | null {
  const { seconds, refresher } = readInterval(response);
  return seconds === undefined ? null : { seconds, refreshes: refresher === 'uas' ? 'they' : 'we' };
}

/** Of the answer to a request that asked for it. */
export function intervalHeaders({ seconds, refreshes }: SessionInterval): Header[] {
  const refresher = refreshes === 'they' ? 'uac' : 'uas';
  const told = { name: 'session-expires', value: `${seconds};refresher=${refresher}` };
  return refreshes === 'they' ? [told, { name: 'require', value: 'timer' }] : [told];
}

export class SessionTimer {
  readonly #timers: TimerQueue;
  readonly #onRefresh: (nowMs: number) => void;
  readonly #onDead: (nowMs: number) => void;
  #timer: Timer | null = null;

  constructor(timers: TimerQueue, onRefresh: (nowMs: number) => void, onDead: (nowMs: number) => void) {
    this.#timers = timers;
    this.#onRefresh = onRefresh;
    this.#onDead = onDead;
  }

  /** The call has been refreshed, and this holds from now on; null: no interval. */
  begin(interval: SessionInterval | null, nowMs: number): void {
    this.stop();
    if (interval === null) return;
    const { seconds, refreshes } = interval;
    const afterS = refreshes === 'we' ? seconds / 2 : seconds - Math.min(GRACE_S, seconds / 3);
    const task = refreshes === 'we' ? this.#onRefresh : this.#onDead;
    this.#timer = this.#timers.at(nowMs + 1000 * afterS, task);
  }

  stop(): void {
    this.#timers.callOff(this.#timer);
    this.#timer = null;
  }
}

function readInterval(message: SipMessage): { readonly seconds?: number; readonly refresher?: string } {
  const [digits = '', ...parameters] = (headerOf(message, 'session-expires') ?? '').split(';');
  const seconds = wholeNumber(digits.trim(), MOST_SESSION_S);
  if (seconds === undefined) return {};
  const told = parameters.map((parameter) => /^\s*refresher\s*=\s*(ua[cs])\s*$/i.exec(parameter)?.[1]?.toLowerCase());
  const refresher = told.find((one) => one !== undefined);
  return { seconds, ...(refresher === undefined ? {} : { refresher }) };
}
