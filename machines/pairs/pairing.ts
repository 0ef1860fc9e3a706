/**
 * All pairs of one peer: what to check when, which way leads to each member, and who cannot be reached. Whoever owns the socket
 * feeds it what came and asks it what to send. Only what the key of the pair has proved is told to it. Pure: the time is given.
 */
import type { Endpoint, Nat, PeerId } from '../messages.ts';
import type { AddressKind, CutReason } from '../ports.ts';
import { sameData } from '../same-data.ts';
import { DELAYS } from '../timers.ts';
import {
  BOTH_FAMILIES,
  type Check,
  type Family,
  type Named,
  NO_WAYS,
  type PairMember,
  type PairNews,
  type Ways,
} from './contract.ts';
import { refuseEachOther } from './nat.ts';
import { PairChart, type PairEvent, type PairState } from './pair.ts';
import { PairPath } from './pair-path.ts';
import type { TriedPlaces } from './trials.ts';

/** How often it is looked whether what should come does. */
const SWEEP_MS = DELAYS.pairDoubt / 2;
/** What looks so much later than it should has stood still, and has not read what came. A busy loop is late by half of it. */
const STOOD_STILL_MS = 40;
/** So many members check an address that a newcomer has merely named without waiting for each other. */
const AT_ONCE = 3;
/** After a doubt that came to nothing the next has to wait so long: streams pause, too. */
const DOUBT_PAUSE_MS = 1000;
/** A check from a new address proves more than a silence. */
const MOVE_PAUSE_MS = 200;
/** A pair is late that takes longer than so many of the longest round trips in use, and than a busy machine takes to answer. */
const LATE_ROUNDS = 1.75;
const LEAST_LATE_MS = 80;
/** Checks on their way, of all pairs together; more than any room has. */
const MOST_PENDING = 4096;

export interface PairingOptions {
  readonly self: { readonly id: PeerId; readonly epoch: number };
  /** A fresh transaction id that nobody can guess. */
  readonly newTransaction: () => string;
  /** 0..1, anew each time. */
  readonly luck: () => number;
}

/** How a pair stands, for whoever shows it. */
export interface PairStatus {
  readonly state: PairState;
  readonly to: Endpoint | null;
  readonly kind: AddressKind | null;
  readonly rttMs: number | null;
  readonly cut: CutReason | null;
}

interface Pair {
  readonly epoch: number;
  readonly begunMs: number;
  readonly chart: PairChart;
  readonly path: PairPath;
  nat: Nat;
  /** Until when an answer is awaited before it is said that none comes. */
  patienceMs: number;
  /** When it was checked first; infinite once others have been told that it takes too long. */
  firstCheckMs: number;
  doubtAfterMs: number;
  /** The same for a doubt that a check from a new address makes. */
  moveAfterMs: number;
  /** A check has come from a new address since the last doubt. */
  isElsewhere: boolean;
  /** It was told last that a TURN server is in between. */
  isCostly: boolean;
  cut: CutReason | null;
}

interface Pending {
  readonly peer: PeerId;
  readonly epoch: number;
  readonly to: Endpoint;
  readonly sentMs: number;
}

export class Pairing {
  readonly #options: PairingOptions;
  readonly #pairs = new Map<PeerId, Pair>();
  readonly #pending = new Map<string, Pending>();
  readonly #tried: TriedPlaces = new Map();
  #nat: Nat = 'unknown';
  #families: ReadonlySet<Family> = BOTH_FAMILIES;
  #sweptMs = 0;
  #flows = false;

  constructor(options: PairingOptions) {
    this.#options = options;
  }

  /** Who is there from now on. */
  follow(members: readonly PairMember[], nowMs: number): PairNews[] {
    const news: PairNews[] = [];
    const there = new Map(members.map((member) => [member.peer, member.epoch]));
    for (const [peer, { epoch }] of this.#pairs) if (there.get(peer) !== epoch) this.#pairs.delete(peer);
    for (const { peer, epoch, nat, isBeside, claim } of members) {
      const pair = this.#pairs.get(peer) ?? this.#begin(peer, epoch, nowMs);
      pair.nat = isBeside ? 'none' : nat;
      if (claim !== null && pair.path.isEmpty)
        news.push(...this.named(peer, { generation: 0, candidates: [{ kind: 'host', ...claim }] }, nowMs));
      news.push(...this.#predict(peer, pair));
    }
    return news;
  }

  /** What the routers in front of us do, and what our socket can send to. */
  behind(nat: Nat, families: ReadonlySet<Family>): PairNews[] {
    this.#nat = nat;
    this.#families = families;
    return [...this.#pairs].flatMap(([peer, pair]) => this.#predict(peer, pair));
  }

  /** A member says where it may be reached. */
  named(peer: PeerId, { generation, candidates }: Named, nowMs: number): PairNews[] {
    const pair = this.#pairs.get(peer);
    if (pair === undefined) return [];
    const isFirst = pair.path.isEmpty;
    const firstMs = this.#turnMs(peer, pair, nowMs);
    if (!pair.path.name(generation, candidates, nowMs, firstMs) || pair.path.isEmpty) return [];
    if (pair.chart.take('named')) this.#await(pair, nowMs, firstMs);
    // Where it does not name what is in use it has moved: what has answered so far may be no more.
    if (!isFirst && !pair.path.isNamed) this.#doubt(peer, pair, nowMs);
    return [...this.#choose(peer, pair, nowMs), ...this.#predict(peer, pair)];
  }

  /** A check of this member has come from there. */
  asked(peer: PeerId, from: Endpoint, nowMs: number): PairNews[] {
    const pair = this.#pairs.get(peer);
    if (pair === undefined) return [];
    // From where it was not known to be: it has moved, perhaps, and what is in use leads nowhere by now, though it is trusted still.
    if (pair.path.asked(from, nowMs) && pair.chart.state === 'open') {
      if (nowMs >= pair.moveAfterMs) this.#doubt(peer, pair, nowMs);
      else pair.isElsewhere = true;
    }
    if (pair.chart.take('named')) this.#await(pair, nowMs, nowMs);
    return this.#choose(peer, pair, nowMs);
  }

  /** Whom this check has asked; undefined: none that is on its way. */
  askedOf(transaction: string): PeerId | undefined {
    return this.#pending.get(transaction)?.peer;
  }

  /** A check of ours was answered. What the member sends may come from where the answer did, wherever we have asked it. */
  answered(transaction: string, from: Endpoint, nowMs: number): PairNews[] {
    const pending = this.#pending.get(transaction);
    const pair = pending && this.#pairs.get(pending.peer);
    if (pending === undefined || pair?.epoch !== pending.epoch) return [];
    this.#pending.delete(transaction);
    pair.path.answered(pending.to, pending.sentMs, nowMs, this.#options.luck());
    if (!sameData(from, pending.to)) pair.path.asked(from, nowMs);
    return this.#choose(pending.peer, pair, nowMs);
  }

  /**
   * RTP or RTCP has come from this member. Cheap enough to be called for every packet.
   *
   * @returns whether {@link wakeMs} is another one now
   */
  heard(peer: PeerId, nowMs: number): boolean {
    const pair = this.#pairs.get(peer);
    if (pair === undefined) return false;
    pair.path.heard(nowMs);
    if (this.#flows) return false;
    this.#flows = true;
    this.#sweptMs = nowMs;
    return true;
  }

  /** Our own addresses have changed: no way may be what it was. */
  moved(nowMs: number): void {
    for (const [peer, pair] of this.#pairs) this.#doubt(peer, pair, nowMs, nowMs);
  }

  /** One of those that are reached says what makes it worth while to hear all others at once. No way is doubted for that. */
  askAnew(nowMs: number): void {
    for (const { path } of this.#pairs.values()) path.askAnew(nowMs);
  }

  /**
   * What is to be sent now, and what the time has shown.
   *
   * @param lateMs by how much this comes later than {@link wakeMs} said
   */
  due(nowMs: number, lateMs = 0): { readonly checks: readonly Check[]; readonly news: readonly PairNews[] } {
    const checks: Check[] = [];
    const news: PairNews[] = [];
    this.#bearStandstill(nowMs, lateMs);
    const sweeps = nowMs >= this.#sweptMs + SWEEP_MS;
    if (sweeps) news.push(...this.#sweep(nowMs));
    const answerMs = this.#answerMs();
    const paceMs = this.#pairs.size * DELAYS.checkPace;
    for (const [peer, pair] of this.#pairs) {
      if (pair.path.nextMs <= nowMs) {
        for (const to of pair.path.due(nowMs, paceMs, this.#families)) checks.push(this.#check(peer, pair, to, nowMs));
        news.push(...this.#choose(peer, pair, nowMs));
      }
      const hasMoved = pair.isElsewhere && nowMs >= pair.moveAfterMs;
      const isLost = pair.path.isFailing && nowMs >= pair.doubtAfterMs;
      if (pair.chart.state === 'open' && (hasMoved || isLost)) news.push(this.#lose(peer, pair, nowMs));
      if (pair.chart.state === 'checking' && nowMs >= pair.firstCheckMs + answerMs) {
        pair.firstCheckMs = Number.POSITIVE_INFINITY;
        news.push({ type: 'pair.late', peer });
      }
      if (isAwaiting(pair) && nowMs >= pair.patienceMs) news.push(...this.#cut(peer, pair, 'unanswered', 'unanswered'));
    }
    return { checks, news };
  }

  /** When {@link due} is to be asked next. */
  get wakeMs(): number {
    let wakeMs = this.#flows ? this.#sweptMs + SWEEP_MS : Number.POSITIVE_INFINITY;
    let firstCheckMs = Number.POSITIVE_INFINITY;
    for (const pair of this.#pairs.values()) {
      const { state } = pair.chart;
      wakeMs = Math.min(wakeMs, pair.path.nextMs);
      if (isAwaiting(pair)) wakeMs = Math.min(wakeMs, pair.patienceMs);
      if (state === 'open' && pair.isElsewhere) wakeMs = Math.min(wakeMs, pair.moveAfterMs);
      if (state === 'checking') firstCheckMs = Math.min(firstCheckMs, pair.firstCheckMs);
    }
    return firstCheckMs === Number.POSITIVE_INFINITY ? wakeMs : Math.min(wakeMs, firstCheckMs + this.#answerMs());
  }

  waysOf(peer: PeerId): Ways {
    return this.#pairs.get(peer)?.path.ways ?? NO_WAYS;
  }

  statusOf(peer: PeerId): PairStatus | undefined {
    const pair = this.#pairs.get(peer);
    if (pair === undefined) return undefined;
    const { endpoint = null, kind = null, rttMs = null } = pair.path.send ?? {};
    return { state: pair.chart.state, to: endpoint, kind, rttMs, cut: pair.cut };
  }

  #begin(peer: PeerId, epoch: number, begunMs: number): Pair {
    const pair: Pair = {
      ...{ epoch, begunMs, chart: new PairChart(), path: new PairPath(this.#tried), nat: 'unknown', cut: null },
      ...{ patienceMs: Number.POSITIVE_INFINITY, firstCheckMs: Number.POSITIVE_INFINITY, doubtAfterMs: 0 },
      ...{ moveAfterMs: 0, isElsewhere: false, isCostly: false },
    };
    this.#pairs.set(peer, pair);
    return pair;
  }

  /**
   * When it is our turn to check what a member has merely named. A newcomer checks those who are here at once. They answer, and check
   * where its checks come from; whatever else is named they check one after the other, or whoever names a stranger's address would
   * have all of the room fall upon it.
   */
  #turnMs(peer: PeerId, { epoch, begunMs }: Pair, nowMs: number): number {
    const { self } = this.#options;
    if (self.epoch > epoch && nowMs - begunMs < DELAYS.pairPatience) return nowMs;
    let before = 0;
    for (const other of this.#pairs.keys()) if (other !== peer && other < self.id) before += 1;
    return nowMs + Math.max(0, before - AT_ONCE + 1) * DELAYS.checkSpacing;
  }

  #await(pair: Pair, nowMs: number, firstMs: number): void {
    pair.patienceMs = nowMs + DELAYS.pairPatience;
    pair.firstCheckMs = firstMs;
  }

  /**
   * After how long a check should have been answered, judged by the members that we reach: one that is still unanswered may be relayed
   * for the time being. Where nobody is reached there is nobody to relay.
   */
  #answerMs(): number {
    let longestMs = -1;
    for (const { path } of this.#pairs.values()) longestMs = Math.max(longestMs, path.send?.rttMs ?? -1);
    return longestMs < 0 ? Number.POSITIVE_INFINITY : Math.max(LEAST_LATE_MS, LATE_ROUNDS * longestMs);
  }

  #check(peer: PeerId, pair: Pair, to: Endpoint, sentMs: number): Check {
    const transaction = this.#options.newTransaction();
    this.#pending.set(transaction, { peer, epoch: pair.epoch, to, sentMs });
    for (const oldest of this.#pending.keys()) {
      if (this.#pending.size <= MOST_PENDING) break;
      this.#pending.delete(oldest);
    }
    return { peer, to, transaction };
  }

  #choose(peer: PeerId, pair: Pair, nowMs: number): PairNews[] {
    const news: PairNews[] = [];
    if (pair.path.choose(nowMs)) news.push({ type: 'pair.moved', peer });
    if (pair.path.send === null) return [...news, ...this.#cut(peer, pair, 'unanswered', 'expired')];
    if (!pair.path.isSettled) return news;
    const was = pair.chart.state;
    const { endpoint: to, kind, rttMs } = pair.path.send;
    const isCostly = kind === 'relayed';
    if ((pair.chart.take('proved') && was !== 'doubtful') || isCostly !== pair.isCostly) {
      pair.cut = null;
      pair.isCostly = isCostly;
      news.push({ type: 'pair.opened', peer, to, kind, rttMs: rttMs ?? 0 });
    }
    return news;
  }

  #predict(peer: PeerId, pair: Pair): PairNews[] {
    if (pair.chart.state === 'cut') return [];
    if (!pair.path.isEmpty && !pair.path.isWithin(this.#families)) return this.#cut(peer, pair, 'family', 'hopeless');
    return refuseEachOther(this.#nat, pair.nat) ? this.#cut(peer, pair, 'nat', 'hopeless') : [];
  }

  #cut(peer: PeerId, pair: Pair, reason: CutReason, by: PairEvent['type']): PairNews[] {
    if (!pair.chart.take(by)) return [];
    pair.cut = reason;
    return [{ type: 'pair.cut', peer, reason }];
  }

  /** What should come does not. */
  #lose(peer: PeerId, pair: Pair, nowMs: number): PairNews {
    this.#doubt(peer, pair, nowMs);
    return { type: 'pair.doubted', peer };
  }

  #doubt(peer: PeerId, pair: Pair, nowMs: number, othersMs = this.#turnMs(peer, pair, nowMs)): void {
    pair.isElsewhere = false;
    pair.path.doubt(nowMs, othersMs);
    pair.doubtAfterMs = nowMs + DOUBT_PAUSE_MS;
    pair.moveAfterMs = nowMs + MOVE_PAUSE_MS;
    if (pair.chart.take('missing')) pair.patienceMs = nowMs + DELAYS.pairPatience;
  }

  /**
   * Answers that came while this process stood still are not read yet, and who shares its machine has stood still with it: nobody is
   * given up for that time, and whoever was asked before it gets as long for an answer as if it were asked now.
   */
  #bearStandstill(nowMs: number, lateMs: number): void {
    if (lateMs <= STOOD_STILL_MS) return;
    for (const pair of this.#pairs.values()) {
      if (!isAwaiting(pair)) continue;
      pair.patienceMs += lateMs;
      if (pair.firstCheckMs < nowMs) pair.firstCheckMs = nowMs;
    }
  }

  #sweep(nowMs: number): PairNews[] {
    const news: PairNews[] = [];
    // Where this process itself stood still, everybody seems silent: what has come meanwhile is read first.
    const stalled = nowMs - this.#sweptMs > DELAYS.pairDoubt;
    this.#sweptMs = nowMs;
    this.#flows = false;
    for (const [peer, pair] of this.#pairs) {
      const isMissing = !stalled && pair.path.isMissing(nowMs);
      if (isMissing && nowMs >= pair.doubtAfterMs) news.push(this.#lose(peer, pair, nowMs));
      this.#flows ||= pair.path.isFlowing;
    }
    return news;
  }
}

function isAwaiting({ chart }: Pick<Pair, 'chart'>): boolean {
  return chart.state === 'checking' || chart.state === 'doubtful';
}
