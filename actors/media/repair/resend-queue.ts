/**
 * Packets that are to be sent again wait here until the uplink has room for them. A dead relay has swallowed a fifth of a second
 * for many receivers: all of that at once would fill the queue of a home router, and what is new would come late or be dropped.
 */
import type { Endpoint } from '../../../infra/path/contract.ts';
import { sequenceDistance } from '../../../infra/rtp/sequence.ts';
import { Allowance } from '../../../machines/hearing/allowance.ts';
import type { Clock } from '../../clock.ts';

/** Timers fire late by some milliseconds; this much is made up for, and no stall beyond it. */
const MOST_LATE_MS = 10;

/** What has waited this long is no longer stored, and no player waits for it. */
const GIVEN_UP_MS = 1000;

/**
 * What was asked for may go past what is new, as far as this share of the limit reaches: players wait for it, and behind a key frame it
 * would come too late. It is what the limit leaves free of the line: more, and a line that has become slow and loses packets for that
 * would stay full of those that are sent again. Saved up for so long, in seconds.
 */
const ASKED_SHARE = 0.05;
const ASKED_BURST_S = 0.5;
/** Full packets, before it is known how long they are. */
const PACKET_BITS = { audio: 8 * 200, video: 8 * 1200 };
/** How soon it is looked whether that share has grown, in ms. */
const SHARE_WAIT_MS = 10;
/**
 * What a dead relay swallowed goes before what is new until that has waited for so long, as a key frame's packets do anyway. In between
 * its receivers would play nothing, and where the line is nearly full, for a second; the others get what is new late by no more than
 * this. In ms.
 */
const MOST_NEW_WAITS_MS = 100;
/** How soon it is looked whether what is new has left, in ms. */
const NEW_WAIT_MS = 2;

/** One packet of an own source, by its 16-bit sequence number, to one first hop. */
export interface Again {
  readonly ssrc: number;
  readonly sequence: number;
  readonly to: Endpoint;
  /** Somebody has asked for it, and waits: for a word, which is short and missed most, or for part of a picture. */
  readonly asked?: 'audio' | 'video';
  /** It goes before what is new, for as long as that can wait: who waits for it can show nothing new before. */
  readonly isAhead?: boolean;
}

interface Waiting extends Again {
  readonly key: string;
  readonly sinceMs: number;
}

export interface ResendQueueOptions {
  readonly clock: Clock;
  /** All that has been sent so far, these packets too, in bit. */
  readonly sentBits: () => number;
  /** For how long what is new has waited for its turn, in ms; 0: none waits. It goes first, or it would wait until all is sent again. */
  readonly newWaitedMs: () => number;
  /** Sends it, and tells how many bits that were: 0 if it is no longer stored. */
  readonly send: (packet: Again) => number;
}

export class ResendQueue {
  readonly #options: ResendQueueOptions;
  /** In the order in which they are sent: words before pictures, and oldest first, which is what players wait for. */
  #waiting: Waiting[] = [];
  #limitBps = 0;
  /** What may be sent past what is new, in bit. */
  #share = shareOf(0);
  /** What an uplink of just the limit would have queued at {@link #atMs}, in bit; negative: how long it has had nothing to do. */
  #queuedBits = 0;
  #atMs: number;
  #sentBits = 0;
  /** Of the packets sent again since then: {@link #queuedBits} has them already. */
  #againBits = 0;
  #cancel: () => void = () => undefined;

  constructor(options: ResendQueueOptions) {
    this.#options = options;
    this.#atMs = options.clock.now();
  }

  /** From now on packets are sent again while all that is sent stays below so many bit/s; 0: not at all. */
  limit(limitBps: number): void {
    if (limitBps === this.#limitBps) return;
    this.observe();
    this.#limitBps = limitBps;
    this.#share = shareOf(limitBps);
    this.#wait();
  }

  /** Sends these as soon as there is room; what waits already is not sent twice. */
  add(packets: Iterable<Again>): void {
    const nowMs = this.#options.clock.now();
    const waiting = this.#waiting.filter(({ sinceMs }) => nowMs - sinceMs < GIVEN_UP_MS);
    const known = new Set(waiting.map(({ key }) => key));
    for (const packet of packets) {
      const key = `${packet.ssrc} ${packet.sequence} ${packet.to.host} ${packet.to.port}`;
      if (!known.has(key)) waiting.push({ ...packet, key, sinceMs: nowMs });
    }
    this.#waiting = waiting.sort((a, b) => turnOf(a) - turnOf(b) || sequenceDistance(b.sequence, a.sequence));
    this.#sendDue();
  }

  /** To be called every few hundredths of a second, so that a burst of anything else is known when something is to be sent again. */
  observe(): void {
    const nowMs = this.#options.clock.now();
    const sentBits = this.#options.sentBits();
    const bitsPerMs = this.#limitBps / 1000;
    this.#queuedBits += sentBits - this.#sentBits - this.#againBits - bitsPerMs * (nowMs - this.#atMs);
    this.#queuedBits = Math.max(this.#queuedBits, -bitsPerMs * MOST_LATE_MS);
    this.#atMs = nowMs;
    this.#sentBits = sentBits;
    this.#againBits = 0;
  }

  stop(): void {
    this.#waiting = [];
    this.#cancel();
  }

  readonly #sendDue = (): void => {
    this.observe();
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      const bits = this.#options.send(next);
      this.#queuedBits += bits;
      this.#againBits += bits;
    }
    this.#wait();
  };

  #hasRoom({ asked, isAhead }: Waiting): boolean {
    if (this.#limitBps <= 0) return false;
    const isFree = this.#queuedBits <= 0 && this.#options.newWaitedMs() <= mostNewWaitsMs(isAhead);
    return isFree || (asked !== undefined && this.#share.take(PACKET_BITS[asked], this.#options.clock.now()));
  }

  #wait(): void {
    this.#cancel();
    const [next] = this.#waiting;
    if (next === undefined || this.#limitBps <= 0) return;
    const newMs = this.#options.newWaitedMs() > mostNewWaitsMs(next.isAhead) ? NEW_WAIT_MS : 0;
    const roomMs = Math.max(newMs, (1000 * this.#queuedBits) / this.#limitBps);
    const waitMs = next.asked !== undefined ? Math.min(SHARE_WAIT_MS, roomMs) : roomMs;
    this.#cancel = this.#options.clock.after(Math.max(0, Math.ceil(waitMs)), this.#sendDue);
  }
}

function turnOf({ asked }: Again): number {
  return asked === 'audio' ? 0 : 1;
}

function mostNewWaitsMs(isAhead = false): number {
  return isAhead ? MOST_NEW_WAITS_MS : 0;
}

function shareOf(limitBps: number): Allowance {
  const perSecond = ASKED_SHARE * Math.max(1, limitBps);
  return new Allowance({ burst: ASKED_BURST_S * perSecond, perSecond });
}
