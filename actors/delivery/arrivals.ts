/** The receiving end: which of the streams that others send us do not come, and why. Pure: it is told what there is, and the time. */
import type { PeerId, StreamName } from '../../machines/messages.ts';
import { type DeliveryNews, HEAVY_LOSS, MISSING_AFTER_MS, type MissingCause } from './contract.ts';

/** A stream that another peer says it sends us, as it is now. */
export interface ExpectedStream {
  readonly peer: PeerId;
  readonly stream: StreamName;
  /** Of the peer, `host:port`. */
  readonly address: string;
  /** Packets that have come, and how many there must have been up to the newest of them: both only grow. */
  readonly received: number;
  readonly expected: number;
  /** How many the peer says it has sent; undefined where it says nothing. */
  readonly sent: number | undefined;
  /** Nothing at all comes from the peer, RTCP or media. */
  readonly silent: boolean;
}

interface Watched {
  received: number;
  /** Where the second began in which loss is counted now. */
  readonly second: { atMs: number; received: number; expected: number; loss: number };
  /** When the newest packet had come, or watching began. */
  arrivedMs: number;
  /** What the peer said it had sent some time after that: its report is older than the newest packet before. */
  sentLater: number | undefined;
  /** Since when much is lost without a break. */
  lossSinceMs: number | undefined;
  cause: MissingCause | undefined;
}

/** A report that was made after the newest packet is here by then, in ms. */
const NEXT_REPORT_MS = MISSING_AFTER_MS / 2;
/** Of so few packets none can be told from many. */
const LEAST_EXPECTED = 5;
/** Loss is counted in seconds: of a shorter time chance says more than the link. */
const SECOND_MS = 1000;

export class ArrivalWatch {
  /** By peer and stream, with a slash between, which no name holds. */
  readonly #watched = new Map<string, Watched>();

  /** The causes now, for whoever shows them. */
  causeOf(peer: PeerId, stream: StreamName): MissingCause | undefined {
    return this.#watched.get(`${peer}/${stream}`)?.cause;
  }

  /** Has any of it come lately? */
  arrives(peer: PeerId, stream: StreamName, nowMs: number): boolean {
    const watched = this.#watched.get(`${peer}/${stream}`);
    return watched !== undefined && watched.received > 0 && nowMs - watched.arrivedMs < MISSING_AFTER_MS;
  }

  /** To be called twice a second or so, with all streams that should come. @returns what has changed */
  observe(streams: readonly ExpectedStream[], nowMs: number): DeliveryNews[] {
    const keys = new Set(streams.map(({ peer, stream }) => `${peer}/${stream}`));
    for (const key of this.#watched.keys()) if (!keys.has(key)) this.#watched.delete(key);
    return streams.flatMap((stream) => this.#observeOne(stream, nowMs));
  }

  #observeOne(now: ExpectedStream, nowMs: number): DeliveryNews[] {
    const { peer, stream, address } = now;
    const key = `${peer}/${stream}`;
    const watched = this.#watched.get(key) ?? begin(now, nowMs);
    this.#watched.set(key, watched);
    follow(watched, now, nowMs);
    const { loss } = watched.second;
    const cause = causeNow(watched, now, nowMs);
    if (cause === watched.cause) return [];
    watched.cause = cause;
    if (cause === undefined) return [{ type: 'media.arrives', peer, stream }];
    return [{ type: 'media.missing', peer, stream, cause, address, ...(cause === 'loss' ? { loss } : {}) }];
  }
}

function begin({ received, expected }: ExpectedStream, nowMs: number): Watched {
  const second = { atMs: nowMs, received, expected, loss: 0 };
  return { received, second, arrivedMs: nowMs, sentLater: undefined, lossSinceMs: undefined, cause: undefined };
}

function follow(watched: Watched, now: ExpectedStream, nowMs: number): void {
  const { received, sent } = now;
  if (received > watched.received) {
    watched.arrivedMs = nowMs;
    watched.sentLater = undefined;
  } else if (nowMs - watched.arrivedMs >= NEXT_REPORT_MS) watched.sentLater ??= sent;
  watched.received = received;
  if (nowMs - watched.second.atMs >= SECOND_MS) countLoss(watched, now, nowMs);
}

/** Nothing at all is no loss but silence: how much was due is not known then. */
function countLoss(watched: Watched, { received, expected }: ExpectedStream, nowMs: number): void {
  const { second } = watched;
  const came = received - second.received;
  const due = expected - second.expected;
  const loss = came <= 0 || due < LEAST_EXPECTED ? 0 : Math.max(0, 1 - came / due);
  watched.lossSinceMs = loss < HEAVY_LOSS ? undefined : (watched.lossSinceMs ?? second.atMs);
  Object.assign(second, { atMs: nowMs, received, expected, loss });
}

function causeNow(watched: Watched, { sent, silent }: ExpectedStream, nowMs: number): MissingCause | undefined {
  if (nowMs - watched.arrivedMs < MISSING_AFTER_MS) {
    const isLong = watched.lossSinceMs !== undefined && nowMs - watched.lossSinceMs >= MISSING_AFTER_MS;
    return isLong ? 'loss' : undefined;
  }
  if (silent) return 'silence';
  return sent !== undefined && sent > (watched.sentLater ?? 0) ? 'lost' : 'stopped';
}
