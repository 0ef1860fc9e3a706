/** What must hold of every process after everything it does, and of the room at every moment. */
import type { PeerId } from '../../../machines/messages.ts';
import { awayMs } from '../../../machines/negotiation/distance.ts';
import { sliceBps } from '../../../machines/slices.ts';
import { beatIntervalMs, DELAYS, leaseMsOf } from '../../../machines/timers.ts';
import type { Bus } from '../world/bus/bus.ts';
import { AccessLine } from '../world/network/access-line.ts';
import type { PeerProcess } from '../world/peer/peer-process.ts';
import { splitVoices } from './voice.ts';

/** Sums of rates differ in their last bits. */
const ROUNDING = 1e-6;
/**
 * What a shrunken upload's agreements get: the wait for clients to leave by themselves, then the notice, the longer one at worst. Either is
 * longer by what the furthest client's distance adds.
 */
const RECLAIM_MS = DELAYS.reclaimDelay + Math.max(DELAYS.reclaimNotice, DELAYS.leaveDeadline) + 200;
/** An agreement whose other side does not know it, beside its lease: a last request, and profiles lost and asked for. In ms. */
const ONE_SIDED_MS = DELAYS.reclaimNotice + DELAYS.requestTimeout + 1500;
/** Two processes of one id: the older one has heard of the younger one by then, where a few messages are lost too. */
const TWINS_MS = 10_000;

/** Watches one process's promises and plans. */
export class UplinkWatch {
  /** Until then it may hold promises from when it had more upload. */
  #excusedUntilMs = 0;
  /** What was looked at last: most steps change none of it. */
  #relaying: unknown;
  #table: unknown;
  #rates: unknown;
  #uploadBps: number | undefined;

  /** The upload has changed. */
  excuse(nowMs: number): void {
    this.#excusedUntilMs = nowMs + RECLAIM_MS;
  }

  /** The process stands still for so long: everything takes so much longer. */
  delay(forMs: number): void {
    this.#excusedUntilMs += forMs;
  }

  check(process: PeerProcess, nowMs: number): string[] {
    const { negotiation } = process;
    if (negotiation === undefined) return [];
    if (nowMs < this.#excusedUntilMs + 2 * awayMs(negotiation, negotiation.reached.keys())) return [];
    const { relaying, rates } = negotiation;
    if (!this.#hasChanged(process, relaying, rates)) return [];
    const { ledger } = relaying;
    const promised = sum(ledger.promised.values());
    const above = (bps: number, limit: number) => bps > limit * (1 + ROUNDING) + 1;
    const violations = splitVoices(process);
    if (above(promised, ledger.lendBps))
      violations.push(`${process.id} promises ${promised} of ${ledger.lendBps} bit/s that it lends`);
    if (above(promised + ledger.ownInUseBps, ledger.usableBps) && process.compatible)
      violations.push(`${process.id} promises ${promised} beside ${ledger.ownInUseBps} of ${ledger.usableBps} bit/s`);
    const planned = plannedBps(process);
    if (process.compatible && above(planned, process.profile.uploadBps))
      violations.push(`${process.id} plans to send ${planned} of ${process.profile.uploadBps} bit/s`);
    return violations;
  }

  #hasChanged(
    { transport: { table }, profile: { uploadBps } }: PeerProcess,
    relaying: unknown,
    rates: unknown,
  ): boolean {
    const same = relaying === this.#relaying && table === this.#table;
    if (same && rates === this.#rates && uploadBps === this.#uploadBps) return false;
    this.#relaying = relaying;
    this.#table = table;
    this.#rates = rates;
    this.#uploadBps = uploadBps;
    return true;
  }
}

/** What its table makes it send: the own streams' first hops, and all that it promised. */
function plannedBps({ transport: { table }, sources }: PeerProcess): number {
  const own = table.own.flatMap(({ stream, hops }) => {
    const rateBps = sources.get(stream)?.rateBps ?? 0;
    return hops.map(({ slices }) => sliceBps(slices, rateBps));
  });
  return sum(own) + sum(table.relayed.map(({ promisedBps }) => promisedBps));
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** What lasts for too long: since when each thing has been seen at every look. */
class Lasting {
  readonly #sinceMs = new Map<string, number>();

  /** Those of `seen` that have been seen for longer than this, and for how many ms; each is told again after as long. */
  over(mostMs: number, seen: ReadonlySet<string>, nowMs: number): { readonly key: string; readonly forMs: number }[] {
    for (const key of this.#sinceMs.keys()) if (!seen.has(key)) this.#sinceMs.delete(key);
    for (const key of seen) if (!this.#sinceMs.has(key)) this.#sinceMs.set(key, nowMs);
    return [...this.#sinceMs].flatMap(([key, sinceMs]) => {
      if (nowMs - sinceMs <= mostMs) return [];
      this.#sinceMs.set(key, nowMs);
      return [{ key, forMs: Math.round(nowMs - sinceMs) }];
    });
  }
}

/** Over so long it sends no more than this, as a multiple of what its line carried in that time or just before, whatever others tell it. */
const SENDING_MS = 2000;
const NOTICED_MS = 1500;
const MOST_SENT = 1.3;
/** What is sent on the slowest line: words, reports and checks. */
const LEAST_SENT_BPS = 500_000;

/** What a line carried at a moment, and what had been given to it by then. */
interface Look {
  readonly atMs: number;
  readonly carriesBps: number;
  readonly offeredBits: number;
}

/** Watches that nobody makes a peer that measures send more than its own line was seen to carry. */
export class LineWatch {
  readonly #looks = new Map<PeerProcess, Look[]>();

  /** To be called again and again; `processes` are those alive. */
  check(processes: readonly PeerProcess[], nowMs: number): string[] {
    return processes.flatMap((process) => {
      const { id, uplink, clock } = process;
      if (!(uplink instanceof AccessLine)) return [];
      // What has waited while it stood still comes at once.
      if (clock.stalled) this.#looks.delete(process);
      const looks = (this.#looks.get(process) ?? []).filter(({ atMs }) => atMs >= nowMs - SENDING_MS - NOTICED_MS);
      const now = { atMs: nowMs, carriesBps: uplink.rateBps * uplink.share, offeredBits: uplink.offeredBits };
      this.#looks.set(process, [...looks, now]);
      const [oldest] = looks;
      const first = looks.find(({ atMs }) => atMs >= nowMs - SENDING_MS);
      if (oldest === undefined || first === undefined || nowMs - oldest.atMs < SENDING_MS + NOTICED_MS) return [];
      const sentBps = (1000 * (now.offeredBits - first.offeredBits)) / (nowMs - first.atMs);
      const carriedBps = Math.max(now.carriesBps, ...looks.map(({ carriesBps }) => carriesBps));
      if (sentBps <= Math.max(LEAST_SENT_BPS, MOST_SENT * carriedBps)) return [];
      this.#looks.delete(process);
      return [`${id} sends ${Math.round(sentBps)} bit/s on a line that carried ${Math.round(carriedBps)} at most`];
    });
  }
}

/** Watches for two processes that both believe to be one member. */
export class TwinWatch {
  readonly #lasting = new Lasting();
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** To be called again and again; `processes` are those alive. */
  check(processes: readonly PeerProcess[], nowMs: number): string[] {
    const [once, twice] = [new Set<string>(), new Set<string>()];
    for (const { id, joined, asleep, clock } of processes) {
      if (!joined || asleep || clock.stalled || this.#bus.isAway(id)) continue;
      (once.has(id) ? twice : once).add(id);
    }
    return this.#lasting.over(TWINS_MS, twice, nowMs).map(({ key, forMs }) => `${key} was there twice for ${forMs} ms`);
  }
}

/** Watches for agreements that only one side knows. */
export class AgreementWatch {
  readonly #lasting = new Lasting();
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** To be called again and again; `processes` are those alive. */
  check(processes: readonly PeerProcess[], nowMs: number): string[] {
    const oneSided = new Set<string>();
    const promised = new Set(processes.flatMap((process) => [...agreementsAsRelay(process).keys()]));
    const asked = new Set(processes.flatMap((process) => [...agreementsAsClient(process).keys()]));
    for (const process of processes) {
      if (this.#bus.isAway(process.id) || process.asleep || process.clock.stalled) continue;
      // While one of the two is cut off from the bus neither learns what the other did; the lease starts when it is back.
      const isOneSided = ([key, other]: [string, PeerId], known: ReadonlySet<string>) =>
        !known.has(key) && !this.#bus.isAway(other);
      for (const known of agreementsAsRelay(process)) if (isOneSided(known, asked)) oneSided.add(known[0]);
      for (const known of agreementsAsClient(process)) if (isOneSided(known, promised)) oneSided.add(known[0]);
    }
    const size = processes.length;
    const mostMs = leaseMsOf(size) + 2 * beatIntervalMs(size) + ONE_SIDED_MS;
    return this.#lasting
      .over(mostMs, oneSided, nowMs)
      .map(({ key, forMs }) => `agreement ${key} was known to one side only for ${forMs} ms`);
  }
}

/** Agreements in which this peer relays, each with its client. */
function agreementsAsRelay({ id, negotiation }: PeerProcess): Map<string, PeerId> {
  const agreements = negotiation?.relaying.agreements.values() ?? [];
  return new Map([...agreements].map((agreement) => [`${agreement.id}@${id}`, agreement.client]));
}

/** Agreements in which this peer is the client, each with its relay. */
function agreementsAsClient({ negotiation }: PeerProcess): Map<string, PeerId> {
  return new Map(
    [...(negotiation?.asked ?? [])].flatMap(([relay, { id, granted }]) =>
      granted.length > 0 ? [[`${id}@${relay}`, relay]] : [],
    ),
  );
}
