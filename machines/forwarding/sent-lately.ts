/**
 * What has left of the own streams lately, to judge a receiver that says that nothing comes: whether anything was sent that should have.
 * All it takes is the distances of what was sent, and how long the receiver has waited: no clock is compared. No I/O.
 */
import { Allowance } from '../hearing/allowance.ts';
import type { PeerId } from '../messages.ts';
import type { Reception } from './stopped-streams.ts';

/** Of one stream: half a second of the fastest, in packets. */
const REMEMBERED = 512;
/**
 * So many packets in a row that do not come are no loss: of links that lose one in fifty, two hops lose five in a row once in ten
 * million packets, and three in a room of twelve every few seconds.
 */
const EVIDENCE_PACKETS = 5;
/** What left so shortly before the receiver spoke may be late. In ms. */
const LATE_MS = 10;
/** Of one receiver, in streams. It speaks of each stream eight times when one stops. */
const OF_RECEIVER = { burst: 64, perSecond: 80 };

interface Log {
  readonly sequences: Uint16Array;
  readonly atMs: Float64Array;
  count: number;
}

export class SentLately {
  readonly #logs = new Map<number, Log>();
  readonly #allowances = new Map<PeerId, Allowance>();

  /** These are the own streams, and those who may receive them, from now on. */
  watch(ssrcs: readonly number[], receivers: readonly PeerId[]): void {
    const own = new Set(ssrcs);
    for (const ssrc of this.#logs.keys()) if (!own.has(ssrc)) this.#logs.delete(ssrc);
    for (const ssrc of own) if (!this.#logs.has(ssrc)) this.#logs.set(ssrc, newLog());
    const known = new Set(receivers);
    for (const peer of this.#allowances.keys()) if (!known.has(peer)) this.#allowances.delete(peer);
    for (const peer of known) if (!this.#allowances.has(peer)) this.#allowances.set(peer, new Allowance(OF_RECEIVER));
  }

  /** Cheap enough to be called for every packet. */
  sent(ssrc: number, sequence: number, nowMs: number): void {
    const log = this.#logs.get(ssrc);
    if (log === undefined) return;
    const place = log.count % REMEMBERED;
    log.sequences[place] = sequence;
    log.atMs[place] = nowMs;
    log.count += 1;
  }

  /**
   * The stream, if any, of which a receiver would have got packets by now, by what it says. What it misses of several counts together:
   * a relay that withholds one from it most often withholds all that it carries.
   */
  missedOf(receiver: PeerId, said: readonly Reception[], nowMs: number): number | undefined {
    const allowance = this.#allowances.get(receiver);
    if (allowance === undefined || !allowance.take(said.length, nowMs)) return undefined;
    let [missed, most, mostSsrc]: [number, number, number | undefined] = [0, 0, undefined];
    for (const { ssrc, newest, quietMs } of said) {
      const packets = this.#sentWithin(ssrc, newest, quietMs - LATE_MS);
      missed += packets;
      if (packets > most) [most, mostSsrc] = [packets, ssrc];
    }
    return missed >= EVIDENCE_PACKETS ? mostSsrc : undefined;
  }

  /** How many packets left after this one, and no later than so long after it. */
  #sentWithin(ssrc: number, sequence: number, ms: number): number {
    const log = this.#logs.get(ssrc);
    if (log === undefined) return 0;
    const oldest = Math.max(0, log.count - REMEMBERED);
    for (let at = log.count - 1; at >= oldest; at -= 1) {
      if (log.sequences[at % REMEMBERED] !== sequence) continue;
      const fromMs = log.atMs[at % REMEMBERED] ?? 0;
      let sent = 0;
      while (at + sent + 1 < log.count && (log.atMs[(at + sent + 1) % REMEMBERED] ?? 0) <= fromMs + ms) sent += 1;
      return sent;
    }
    return 0;
  }
}

function newLog(): Log {
  return { sequences: new Uint16Array(REMEMBERED), atMs: new Float64Array(REMEMBERED), count: 0 };
}
