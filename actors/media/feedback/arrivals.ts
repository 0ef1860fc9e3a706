/**
 * What has come from one member lately, by stream, until it has been told so. Each packet is told twice, in two reports one after the
 * other, as long as there is upload for that: the network loses reports too.
 */
import {
  type Arrival,
  packetsIn,
  ROOM_FOR_STREAMS,
  type StreamArrivals,
  streamBytes,
} from '../../../infra/rtcp/arrival-report.ts';
import { extendSequence, wireSequence } from '../../../infra/rtp/sequence.ts';

/** Of one member: what it shows, what it relays to us, and padding. Nothing is told of more. */
const MOST_STREAMS = 256;
/** A stream whose numbers leap ahead by more begins anew: nobody is told of so many that were lost at once. */
const MOST_LEAP = 1000;
/** Of one member's packets in one report: 100 ms of 100 Mbit/s, each told twice. What is beyond is not told. */
const MOST_DATAGRAMS = 4;
const MOST_TOLD = MOST_DATAGRAMS * packetsIn(ROOM_FOR_STREAMS);
/** A stream of which nothing has come for so long is forgotten. In ms. */
const FORGOTTEN_AFTER_MS = 2000;

export class Arrivals {
  readonly #streams = new Map<number, ArrivedStream>();

  /**
   * A packet has come.
   *
   * @param isTimely whether it was read as it came, so that its time tells something
   */
  arrived(ssrc: number, sequence: number, atMs: number, isTimely = true): void {
    const known = this.#streams.get(ssrc);
    if (known === undefined && this.#streams.size >= MOST_STREAMS) return;
    const stream = known ?? new ArrivedStream(ssrc);
    if (known === undefined) this.#streams.set(ssrc, stream);
    stream.arrived(sequence, atMs, isTimely);
  }

  /**
   * What is to be told now, a list for each datagram, and no list where nothing new has come.
   *
   * @param again whether that of the last report is told again
   */
  report(nowMs: number, again: boolean): StreamArrivals[][] {
    const datagrams: StreamArrivals[][] = [];
    let room = 0;
    for (const [ssrc, stream] of this.#streams) {
      if (nowMs - stream.newestMs > FORGOTTEN_AFTER_MS) this.#streams.delete(ssrc);
      let rest = stream.report(nowMs, again);
      while (rest !== null) {
        if (packetsIn(room) < Math.min(2, rest.arrivals.length)) {
          if (datagrams.length === MOST_DATAGRAMS) break;
          datagrams.push([]);
          room = ROOM_FOR_STREAMS;
        }
        const [now, later] = splitAfter(rest, packetsIn(room));
        datagrams.at(-1)?.push(now);
        room -= streamBytes(now.arrivals.length);
        rest = later;
      }
    }
    return datagrams;
  }
}

/** One stream: its extended numbers and when they came, of now and of the last report. */
class ArrivedStream {
  readonly ssrc: number;
  newestMs = 0;
  #highest: number | null = null;
  /** The first number that the next report is about, and the last one was about; nothing before them is told any more. */
  #first = 0;
  #firstBefore = 0;
  /** The number after one that was far behind: if it comes next, the stream has begun anew there (RFC 3550 appendix A.1). */
  #anewAt: number | null = null;
  #now = new Came();
  #before = new Came();

  constructor(ssrc: number) {
    this.ssrc = ssrc;
  }

  arrived(sequence: number, atMs: number, isTimely: boolean): void {
    const extended = this.#highest === null ? sequence : extendSequence(this.#highest, sequence);
    const leap = extended - (this.#highest ?? Number.NEGATIVE_INFINITY);
    if (leap < -MOST_LEAP && extended !== this.#anewAt) {
      this.#anewAt = extended + 1;
      return;
    }
    if (Math.abs(leap) > MOST_LEAP) this.#beginAt(extended);
    this.#anewAt = null;
    this.#highest = Math.max(this.#highest ?? extended, extended);
    this.newestMs = atMs;
    this.#now.add(extended, isTimely ? atMs : null);
  }

  /** Null where nothing has come since the last one. */
  report(nowMs: number, again: boolean): StreamArrivals | null {
    if (this.#highest === null || this.#now.count === 0) return null;
    const late = Math.max(this.#firstBefore, Math.min(this.#first, this.#now.lowest()));
    const from = Math.max(this.#highest + 1 - MOST_TOLD, again ? this.#firstBefore : late);
    const arrivals = new Array<Arrival>(this.#highest - from + 1).fill('missing');
    this.#now.tell(arrivals, from, nowMs);
    // Last, so that of two copies the first one counts.
    this.#before.tell(arrivals, from, nowMs);
    this.#firstBefore = this.#first;
    this.#first = this.#highest + 1;
    [this.#now, this.#before] = [this.#before, this.#now];
    this.#now.clear();
    return arrivals.length === 0 ? null : { ssrc: this.ssrc, first: wireSequence(from), arrivals };
  }

  #beginAt(extended: number): void {
    this.#highest = extended;
    this.#first = extended;
    this.#firstBefore = extended;
    this.#now.clear();
    this.#before.clear();
  }
}

/** Numbers, and when they came. */
class Came {
  readonly #numbers: number[] = [];
  /** Null: sometime. */
  readonly #atMs: (number | null)[] = [];

  get count(): number {
    return this.#numbers.length;
  }

  add(number: number, atMs: number | null): void {
    this.#numbers.push(number);
    this.#atMs.push(atMs);
  }

  lowest(): number {
    return this.#numbers.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  }

  /** Of several copies the one that came first is told. */
  tell(arrivals: Arrival[], from: number, nowMs: number): void {
    for (let index = this.#numbers.length - 1; index >= 0; index--) {
      const place = (this.#numbers[index] ?? 0) - from;
      const atMs = this.#atMs[index] ?? null;
      if (place >= 0 && place < arrivals.length) arrivals[place] = atMs === null ? 'came' : nowMs - atMs;
    }
  }

  clear(): void {
    this.#numbers.length = 0;
    this.#atMs.length = 0;
  }
}

function splitAfter(stream: StreamArrivals, packets: number): [StreamArrivals, StreamArrivals | null] {
  if (stream.arrivals.length <= packets) return [stream, null];
  const { ssrc, first, arrivals } = stream;
  return [
    { ssrc, first, arrivals: arrivals.slice(0, packets) },
    { ssrc, first: wireSequence(first + packets), arrivals: arrivals.slice(packets) },
  ];
}
