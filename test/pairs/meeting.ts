/** Several peers' pairings in virtual time, each at addresses of its own, with a network between them that only delays. */
import type { Candidate, Endpoint, PeerId } from '../../machines/messages.ts';
import type { PairMember, PairNews } from '../../machines/pairs/contract.ts';
import { Pairing } from '../../machines/pairs/pairing.ts';
import { VirtualClock } from '../simulation/world/clock.ts';

/** One way, ms. */
export const DELAY_MS = 20;
export const ROUND_TRIP_MS = 2 * DELAY_MS;

export interface SentCheck {
  readonly atMs: number;
  readonly by: PeerId;
  readonly to: string;
}

export function textOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

/** The address of the member of this number. */
export function placeOf(number: number): Endpoint {
  return { host: `198.51.100.${number}`, port: 5000 };
}

export function hostAt(place: Endpoint): Candidate {
  return { kind: 'host', ...place };
}

export interface AttendeeOptions {
  readonly epoch?: number;
  /** 0..1, as `Math.random` would give it. */
  readonly luck?: number;
}

export class Attendee {
  readonly id: PeerId;
  readonly epoch: number;
  readonly pairing: Pairing;
  /** Where it is: what is sent to the others is lost. The first is where its own checks come from. */
  places: Endpoint[];
  /** It takes nothing and answers nothing. */
  isDeaf = false;
  readonly news: (PairNews & { readonly atMs: number })[] = [];
  readonly #meeting: Meeting;
  #wakeMs = Number.POSITIVE_INFINITY;

  constructor(meeting: Meeting, id: PeerId, place: Endpoint, { epoch = 1, luck = 0.5 }: AttendeeOptions) {
    this.#meeting = meeting;
    this.id = id;
    this.epoch = epoch;
    this.places = [place];
    const newTransaction = () => meeting.newTransaction();
    this.pairing = new Pairing({ self: { id, epoch }, newTransaction, luck: () => luck });
  }

  /** These are there, and nobody else. */
  meets(...others: (Attendee | PairMember)[]): this {
    const members = others.map((other) => (other instanceof Attendee ? asMember(other.id, other.epoch) : other));
    return this.do((pairing, nowMs) => pairing.follow(members, nowMs));
  }

  /** That member says that it is at these addresses. */
  isTold(peer: PeerId, generation: number, ...candidates: readonly Candidate[]): this {
    return this.do((pairing, nowMs) => pairing.named(peer, { generation, candidates: [...candidates] }, nowMs));
  }

  do(act: (pairing: Pairing, nowMs: number) => readonly PairNews[] | unknown): this {
    const { now } = this.#meeting;
    const told = act(this.pairing, now);
    if (Array.isArray(told)) this.news.push(...told.map((each: PairNews) => ({ ...each, atMs: now })));
    this.#wait();
    return this;
  }

  /** What has been told of its pairs that stands: which are open, and which are cut. */
  get told(): string[] {
    return this.news.flatMap(({ type, peer }) =>
      type === 'pair.opened' || type === 'pair.cut' ? [`${type} ${peer}`] : [],
    );
  }

  stateOf(peer: PeerId): string | undefined {
    return this.pairing.statusOf(peer)?.state;
  }

  /** Where it sends to that member. */
  sendTo(peer: PeerId): string | null {
    const { send } = this.pairing.waysOf(peer);
    return send && textOf(send);
  }

  acceptFrom(peer: PeerId): string[] {
    return this.pairing.waysOf(peer).accept.map(textOf);
  }

  #wait(): void {
    const { wakeMs } = this.pairing;
    if (wakeMs >= this.#wakeMs || wakeMs === Number.POSITIVE_INFINITY) return;
    this.#wakeMs = wakeMs;
    this.#meeting.at(wakeMs, () => {
      if (this.#wakeMs !== wakeMs) return;
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.do((pairing, nowMs) => {
        const { checks, news } = pairing.due(nowMs);
        for (const check of checks) this.#meeting.send(this, check.to, check.transaction);
        return news;
      });
    });
  }
}

export class Meeting {
  readonly attendees: Attendee[] = [];
  /** All that were sent, by whom and to where. */
  readonly checks: SentCheck[] = [];
  readonly #clock = new VirtualClock();
  #transactions = 0;

  /** Somebody who is the last here by id and by epoch, unless it says otherwise. */
  comes(id: PeerId, options: AttendeeOptions = {}): Attendee {
    const attendee = new Attendee(this, id, placeOf(this.attendees.length + 1), options);
    this.attendees.push(attendee);
    return attendee;
  }

  get now(): number {
    return this.#clock.now();
  }

  newTransaction(): string {
    this.#transactions += 1;
    return String(this.#transactions);
  }

  run(forMs: number): this {
    this.#clock.runUntil(this.now + forMs);
    return this;
  }

  at(atMs: number, act: () => void): void {
    this.#clock.setTimeout(act, atMs - this.now);
  }

  send(by: Attendee, to: Endpoint, transaction: string): void {
    this.checks.push({ atMs: this.now, by: by.id, to: textOf(to) });
    const [from] = by.places;
    if (from === undefined) return;
    this.at(this.now + DELAY_MS, () => {
      const asked = this.attendees.find(({ places }) =>
        places.some(({ host, port }) => port === to.port && host === to.host),
      );
      if (asked === undefined || asked.isDeaf) return;
      asked.do((pairing, nowMs) => pairing.asked(by.id, from, nowMs));
      this.at(this.now + DELAY_MS, () => {
        if (by.isDeaf || by.places[0] !== from) return;
        by.do((pairing, nowMs) => pairing.answered(transaction, to, nowMs));
      });
    });
  }

  /** When checks went there. */
  checksOf(place: Endpoint): number[] {
    return this.checks.filter(({ to }) => to === textOf(place)).map(({ atMs }) => atMs);
  }
}

export function asMember(peer: PeerId, epoch = 1, change: Partial<PairMember> = {}): PairMember {
  return { peer, epoch, nat: 'unknown', isBeside: false, claim: null, ...change };
}

/** A and B know of each other, B being the newcomer; neither knows where the other is. */
export function two(): { readonly meeting: Meeting; readonly a: Attendee; readonly b: Attendee } {
  const meeting = new Meeting();
  const a = meeting.comes('A', { epoch: 1 });
  const b = meeting.comes('B', { epoch: 2 });
  a.meets(b);
  b.meets(a);
  return { meeting, a, b };
}

/** The same, once each has found the other. */
export function twoOpen(): ReturnType<typeof two> {
  const all = two();
  all.b.isTold('A', 1, hostAt(placeOf(1)));
  all.a.isTold('B', 1, hostAt(placeOf(2)));
  all.meeting.run(2 * ROUND_TRIP_MS);
  return all;
}

/** The most that fall into any second. */
export function mostInASecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  let first = 0;
  return sorted.reduce((most, atMs, index) => {
    while ((sorted[first] ?? atMs) <= atMs - 1000) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}
