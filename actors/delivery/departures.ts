/** The sending end: which receivers do not get our streams, as their reports tell, or their silence. Pure, as its counterpart. */

import type { PeerId, StreamName } from '../../machines/messages.ts';
import { type DeliveryNews, HEAVY_LOSS, MISSING_AFTER_MS, type UndeliveredCause } from './contract.ts';
import type { ReceivedBlock } from './heard.ts';

/** An own stream that goes to a receiver, directly or through relays, as it is now. */
export interface ServedReceiver {
  readonly peer: PeerId;
  readonly stream: StreamName;
  /** Of the receiver, `host:port`. */
  readonly address: string;
  /** Speaks RPR, so that it reports; of others silence says nothing. */
  readonly reports: boolean;
  /** Packets of the stream that have been sent: while there are none, none can be reported. */
  readonly sent: number;
  /** Nothing at all comes from it, RTCP or media. */
  readonly silent: boolean;
  /** When its RTCP came last; undefined: never. */
  readonly heardMs: number | undefined;
  readonly block: (ReceivedBlock & { readonly atMs: number }) | undefined;
}

interface Watched {
  sent: number;
  highest: number | undefined;
  /** When a report had named something new, or sending began or went on. */
  progressMs: number;
  reportedMs: number;
  /** Reports in a row that tell of much loss. */
  lossyReports: number;
  cause: UndeliveredCause | undefined;
}

/** One report may come late, and one with much loss may be an accident. */
const REPORTS_IN_A_ROW = 3;
/** After it has once been reported, two reports in a row may be lost, in ms. */
const STALLED_AFTER_MS = MISSING_AFTER_MS + 1500;

export class DepartureWatch {
  readonly #watched = new Map<string, Watched>();

  causeOf(peer: PeerId, stream: StreamName): UndeliveredCause | undefined {
    return this.#watched.get(`${peer}/${stream}`)?.cause;
  }

  /** To be called twice a second or so with all own streams that go to somebody. @returns what has changed */
  observe(served: readonly ServedReceiver[], nowMs: number): DeliveryNews[] {
    const keys = new Set(served.map(({ peer, stream }) => `${peer}/${stream}`));
    for (const key of this.#watched.keys()) if (!keys.has(key)) this.#watched.delete(key);
    return served.flatMap((one) => this.#observeOne(one, nowMs));
  }

  #observeOne(now: ServedReceiver, nowMs: number): DeliveryNews[] {
    const { peer, stream, address, block } = now;
    const key = `${peer}/${stream}`;
    const watched = this.#watched.get(key) ?? begin(now, nowMs);
    this.#watched.set(key, watched);
    follow(watched, now, nowMs);
    const cause = causeNow(watched, now, nowMs);
    if (cause === watched.cause) return [];
    watched.cause = cause;
    if (cause === undefined) return [{ type: 'media.delivered', peer, stream }];
    const loss = cause === 'loss' && block !== undefined ? { loss: block.loss } : {};
    return [{ type: 'media.undelivered', peer, stream, cause, address, ...loss }];
  }
}

function begin({ sent, block }: ServedReceiver, nowMs: number): Watched {
  const reportedMs = block?.atMs ?? 0;
  return { sent, highest: undefined, progressMs: nowMs, reportedMs, lossyReports: 0, cause: undefined };
}

function follow(watched: Watched, { sent, block }: ServedReceiver, nowMs: number): void {
  const isIdle = sent === watched.sent;
  watched.sent = sent;
  if (block !== undefined && block.atMs > watched.reportedMs) {
    watched.reportedMs = block.atMs;
    watched.lossyReports = block.loss < HEAVY_LOSS ? 0 : watched.lossyReports + 1;
    if (block.highestSequence !== watched.highest) watched.progressMs = nowMs;
    watched.highest = block.highestSequence;
  }
  if (isIdle) watched.progressMs = nowMs;
}

function causeNow(watched: Watched, now: ServedReceiver, nowMs: number): UndeliveredCause | undefined {
  const { reports, silent, heardMs } = now;
  if (!reports && watched.highest === undefined) return undefined;
  const patience = watched.highest === undefined ? MISSING_AFTER_MS : STALLED_AFTER_MS;
  if (nowMs - watched.progressMs < patience) return watched.lossyReports >= REPORTS_IN_A_ROW ? 'loss' : undefined;
  if (silent) return 'silence';
  // Its media comes and its reports do not: nobody knows.
  return heardMs !== undefined && nowMs - heardMs < MISSING_AFTER_MS ? 'lost' : undefined;
}
