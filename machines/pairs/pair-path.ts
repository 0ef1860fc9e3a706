/**
 * The addresses of one other member, and which of them is the way to it. There is no nomination as in ICE (RFC 8445): each end sends
 * on its best way and takes what comes on any that has proved itself. Pure: the time is given.
 */
import type { Endpoint } from '../messages.ts';
import { DELAYS } from '../timers.ts';
import { type Family, familyOf, type Named, NO_WAYS, type Ways } from './contract.ts';
import { RemoteAddress } from './remote-address.ts';
import { Trials, type TriedPlaces } from './trials.ts';

/** Addresses that a member was seen at and has not named; the one that was heard least recently is forgotten. */
const MOST_SEEN = 8;
/** Of a stream: packets this far apart at the mean flow, and their absence means something, ms. */
const FLOWING_MS = 100;
const FLOW_GAIN = 1 / 16;
/** One check is lost now and then; so many in a row, 750 ms, are not. */
const LOST_CHECKS = 3;

export class PairPath {
  readonly #addresses = new Map<string, RemoteAddress>();
  readonly #trials: Trials;
  #send: RemoteAddress | null = null;
  #generation = -1;
  /** When it was last in doubt which way leads there. */
  #doubtMs = Number.NEGATIVE_INFINITY;
  #heardMs = Number.NEGATIVE_INFINITY;
  /** Mean time between packets. */
  #gapMs = Number.POSITIVE_INFINITY;
  /** When the first of what it has proved ends. */
  #endsMs = Number.POSITIVE_INFINITY;
  ways: Ways = NO_WAYS;

  constructor(tried: TriedPlaces) {
    this.#trials = new Trials(tried);
  }

  get send(): RemoteAddress | null {
    return this.#send;
  }

  get isEmpty(): boolean {
    return this.#addresses.size === 0;
  }

  /**
   * The member names its addresses. Those of before that have proved themselves stay until their consent ends.
   *
   * @returns whether that is news
   */
  name(generation: number, candidates: Named['candidates'], nowMs: number, firstMs: number): boolean {
    if (generation <= this.#generation) return false;
    this.#generation = generation;
    const named = new Set(candidates.map(textOf));
    for (const [text, address] of this.#addresses) {
      if (named.has(text)) continue;
      if (!address.isHeard(nowMs)) this.#addresses.delete(text);
      else if (!isChannel(address.endpoint)) address.kind = 'seen';
    }
    for (const { kind, ...endpoint } of candidates) {
      const known = this.#addresses.get(textOf(endpoint));
      if (known !== undefined) known.kind = kind;
      else this.#addresses.set(textOf(endpoint), new RemoteAddress(endpoint, kind, firstMs));
    }
    return true;
  }

  /**
   * A check of the member came from here, proved by the key of the pair.
   *
   * @returns whether it is an address that the member was not known to have
   */
  asked(from: Endpoint, nowMs: number): boolean {
    const before = this.#addresses.get(textOf(from));
    const known = before ?? this.#see(from, nowMs);
    const isNew = !known.isHeard(nowMs);
    known.heardMs = nowMs;
    // It waits for ours where a router lets nothing in before something has gone out.
    if (isNew && !known.isProved(nowMs)) known.owe(nowMs);
    return before === undefined;
  }

  answered(to: Endpoint, sentMs: number, nowMs: number, luck: number): void {
    this.#addresses.get(textOf(to))?.answered(sentMs, nowMs, luck);
  }

  /** A packet came from the member. */
  heard(nowMs: number): void {
    const gapMs = nowMs - this.#heardMs;
    this.#heardMs = nowMs;
    this.#gapMs = Number.isFinite(this.#gapMs) ? this.#gapMs + FLOW_GAIN * (gapMs - this.#gapMs) : gapMs;
  }

  /** Whether packets came in a row and have stopped. */
  isMissing(nowMs: number): boolean {
    return this.#gapMs < FLOWING_MS && nowMs - this.#heardMs > DELAYS.pairDoubt;
  }

  /** Whether the member itself has named the way in use. */
  get isNamed(): boolean {
    return this.#send !== null && this.#send.kind !== 'seen' && !isChannel(this.#send.endpoint);
  }

  /** Whether the way in use does not answer any more. */
  get isFailing(): boolean {
    return (this.#send?.unanswered ?? 0) >= LOST_CHECKS;
  }

  get isFlowing(): boolean {
    return this.#gapMs < FLOWING_MS;
  }

  /**
   * Every address is checked; the first that answers from now on is the way.
   *
   * @param othersMs when those are that the member has not been at
   */
  doubt(nowMs: number, othersMs: number): void {
    this.#doubtMs = nowMs;
    this.#gapMs = Number.POSITIVE_INFINITY;
    this.#heardMs = Number.NEGATIVE_INFINITY;
    for (const address of this.#addresses.values()) address.tryAt(address.isHeard(nowMs) ? nowMs : othersMs);
  }

  /** The way in use is checked now, unless a check of it is on its way. */
  askAnew(nowMs: number): void {
    if (this.#send?.unanswered === 0) this.#send.tryAt(nowMs);
  }

  /** Whether the way in use has answered since it was doubted, or another has taken its place. */
  get isSettled(): boolean {
    return this.#send === null || this.#isFresh(this.#send);
  }

  /** Addresses to check now; each is taken as checked. */
  due(nowMs: number, paceMs: number, families: ReadonlySet<Family>): Endpoint[] {
    const due: Endpoint[] = [];
    for (const [text, address] of this.#addresses) {
      if (address.nextMs > nowMs) continue;
      if (!families.has(familyOf(address.endpoint))) {
        address.rest();
        continue;
      }
      const mayMs = this.#mayBeChecked(text, address, nowMs, paceMs);
      if (mayMs > nowMs) {
        address.nextMs = mayMs;
        continue;
      }
      address.checked(nowMs, paceMs);
      due.push(address.endpoint);
    }
    return due;
  }

  /** Whether there is an address that a socket of these families can send to. */
  isWithin(families: ReadonlySet<Family>): boolean {
    return [...this.#addresses.values()].some(({ endpoint }) => families.has(familyOf(endpoint)));
  }

  /** When there is something to check, or {@link ways} end. */
  get nextMs(): number {
    let nextMs = this.#endsMs;
    for (const address of this.#addresses.values()) nextMs = Math.min(nextMs, address.nextMs);
    return nextMs;
  }

  /**
   * Choose the way anew, and forget what has fallen silent.
   *
   * @returns whether {@link ways} are others now
   */
  choose(nowMs: number): boolean {
    const before = this.#send;
    if (before !== null && !before.isProved(nowMs)) this.#send = null;
    for (const address of this.#addresses.values()) if (this.#isBetter(address, nowMs)) this.#send = address;
    if (this.isSettled && this.#send !== null) this.#restOthers(this.#send, nowMs);
    return this.#tell(nowMs);
  }

  #mayBeChecked(text: string, address: RemoteAddress, nowMs: number, paceMs: number): number {
    return address.isOwed || address.isProved(nowMs) ? nowMs : this.#trials.take(text, address.endpoint, nowMs, paceMs);
  }

  #isBetter(address: RemoteAddress, nowMs: number): boolean {
    if (!address.isProved(nowMs) || !this.#isFresh(address)) return false;
    if (this.#send === null || !this.#isFresh(this.#send)) return true;
    return address.rank < this.#send.rank;
  }

  /** What has not answered since the last doubt proves nothing: it was good once. */
  #isFresh({ answeredMs }: RemoteAddress): boolean {
    return answeredMs !== null && answeredMs >= this.#doubtMs;
  }

  /** What proves nothing new costs no checks while a way as good is open. */
  #restOthers(send: RemoteAddress, nowMs: number): void {
    for (const address of this.#addresses.values()) {
      if (address.rank >= send.rank && !address.isHeard(nowMs)) address.rest();
    }
  }

  #tell(nowMs: number): boolean {
    const accept: Endpoint[] = [];
    this.#endsMs = Number.POSITIVE_INFINITY;
    for (const address of this.#addresses.values()) {
      this.#endsMs = Math.min(this.#endsMs, address.endsMs(nowMs));
      if (address.isHeard(nowMs)) accept.push(address.endpoint);
    }
    const send = this.#send?.endpoint ?? null;
    const isSame =
      send === this.ways.send &&
      accept.length === this.ways.accept.length &&
      accept.every((endpoint, index) => endpoint === this.ways.accept[index]);
    if (isSame) return false;
    this.ways = { send, accept };
    return true;
  }

  #see(from: Endpoint, nowMs: number): RemoteAddress {
    const seen = [...this.#addresses.values()].filter(({ kind, endpoint }) => kind === 'seen' || isChannel(endpoint));
    if (seen.length >= MOST_SEEN) {
      const oldest = seen.reduce((a, b) => ((a.heardMs ?? 0) <= (b.heardMs ?? 0) ? a : b));
      if (oldest !== this.#send) this.#addresses.delete(textOf(oldest.endpoint));
    }
    // Through a TURN server's channel: lent, like what the member itself has lent.
    const address = new RemoteAddress(from, from.channel === undefined ? 'seen' : 'relayed', nowMs);
    this.#addresses.set(textOf(from), address);
    return address;
  }
}

function isChannel({ channel }: Endpoint): boolean {
  return channel !== undefined;
}

function textOf({ host, port, channel = 0 }: Endpoint): string {
  return `${host} ${port} ${channel}`;
}
