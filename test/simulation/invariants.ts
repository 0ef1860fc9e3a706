/** What must hold of every process after everything it does, and of the room at every moment. */
import type { PeerId } from '../../machines/messages.ts';
import { promisedBps } from '../../machines/negotiation/ledger.ts';
import { sliceBps } from '../../machines/slices.ts';
import { DELAYS } from '../../machines/timers.ts';
import type { Bus } from './bus.ts';
import type { PeerProcess } from './peer-process.ts';

/** Sums of rates differ in their last bits. */
const ROUNDING = 1e-6;
/** What a shrunken upload's agreements get: the wait for clients to leave by themselves, then the notice, the longer one at worst. */
const RECLAIM_MS = DELAYS.reclaimDelay + Math.max(DELAYS.reclaimNotice, DELAYS.leaveDeadline) + 200;
/** An agreement whose other side does not know it: its lease, and what a last renewal may take. */
const ONE_SIDED_MS = DELAYS.lease + DELAYS.reclaimNotice + DELAYS.requestTimeout + 1500;

/** Watches one process's promises and plans. */
export class UplinkWatch {
  /** Until then it may hold promises from when it had more upload. */
  #excusedUntilMs = 0;
  /** What was looked at last: most steps change none of it. */
  #relaying: unknown;
  #table: unknown;
  #rateBps: number | undefined;
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
    if (negotiation === undefined || nowMs < this.#excusedUntilMs) return [];
    if (!this.#hasChanged(process, negotiation.relaying)) return [];
    const { ledger } = negotiation.relaying;
    const promised = promisedBps(ledger);
    const above = (bps: number, limit: number) => bps > limit * (1 + ROUNDING) + 1;
    const violations: string[] = [];
    if (above(promised, ledger.lendBps))
      violations.push(`${process.id} promises ${promised} of ${ledger.lendBps} bit/s that it lends`);
    if (above(promised + ledger.ownInUseBps, ledger.usableBps) && process.compatible)
      violations.push(`${process.id} promises ${promised} beside ${ledger.ownInUseBps} of ${ledger.usableBps} bit/s`);
    const planned = plannedBps(process);
    if (process.compatible && above(planned, process.uploadBps))
      violations.push(`${process.id} plans to send ${planned} of ${process.uploadBps} bit/s`);
    return violations;
  }

  #hasChanged({ transport: { table }, source, uploadBps }: PeerProcess, relaying: unknown): boolean {
    const rateBps = source?.rateBps;
    const same = relaying === this.#relaying && table === this.#table;
    if (same && rateBps === this.#rateBps && uploadBps === this.#uploadBps) return false;
    this.#relaying = relaying;
    this.#table = table;
    this.#rateBps = rateBps;
    this.#uploadBps = uploadBps;
    return true;
  }
}

/** What its table makes it send: the own source's first hops, and all that it promised. */
function plannedBps({ transport: { table }, source }: PeerProcess): number {
  const own = (table.own?.hops ?? []).reduce((sum, { slices }) => sum + sliceBps(slices, source?.rateBps ?? 0), 0);
  return table.relayed.reduce((sum, { promisedBps }) => sum + promisedBps, own);
}

/** Watches for agreements that only one side knows. */
export class AgreementWatch {
  readonly #oneSidedSinceMs = new Map<string, number>();
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
      if (this.#bus.isAway(process.id) || process.clock.stalled) continue;
      // While one of the two is cut off from the bus neither learns what the other did; the lease starts when it is back.
      const isOneSided = ([key, other]: [string, PeerId], known: ReadonlySet<string>) =>
        !known.has(key) && !this.#bus.isAway(other);
      for (const known of agreementsAsRelay(process)) if (isOneSided(known, asked)) oneSided.add(known[0]);
      for (const known of agreementsAsClient(process)) if (isOneSided(known, promised)) oneSided.add(known[0]);
    }
    for (const key of this.#oneSidedSinceMs.keys()) if (!oneSided.has(key)) this.#oneSidedSinceMs.delete(key);
    for (const key of oneSided) if (!this.#oneSidedSinceMs.has(key)) this.#oneSidedSinceMs.set(key, nowMs);
    return [...this.#oneSidedSinceMs].flatMap(([key, sinceMs]) => {
      if (nowMs - sinceMs <= ONE_SIDED_MS) return [];
      this.#oneSidedSinceMs.set(key, nowMs);
      return [`agreement ${key} was known to one side only for ${Math.round(nowMs - sinceMs)} ms`];
    });
  }
}

/** Agreements in which this peer relays, each with its client. */
function agreementsAsRelay({ id, negotiation }: PeerProcess): Map<string, PeerId> {
  return new Map([...(negotiation?.relaying.agreements ?? [])].map(([key, { client }]) => [`${key}@${id}`, client]));
}

/** Agreements in which this peer is the client, each with its relay. */
function agreementsAsClient({ negotiation }: PeerProcess): Map<string, PeerId> {
  return new Map(
    [...(negotiation?.asked ?? [])].flatMap(([relay, { id, granted }]) =>
      granted.length > 0 ? [[`${id}@${relay}`, relay]] : [],
    ),
  );
}
