/** The packet path's rules once more, as plainly as they can be said: everything is remembered and searched through. */
import type { Endpoint, PathTable } from '../../infra/path/contract.ts';

export interface Decision {
  readonly forwardTo: readonly string[];
  /** The extended sequence number to deliver as, or null. */
  readonly deliver: number | null;
  readonly rtcp: boolean;
  readonly stun: boolean;
  /** Counters that go up besides `receivedPackets`. */
  readonly counted: readonly string[];
}

const COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42]);

interface Remembered {
  seen: number[];
  readonly delivered: Set<number>;
  staleInARow: number;
  doubtedAtMs: number | undefined;
  movedAtMs: number;
  readonly granted: { atMs: number; bits: number }[];
}

const NOTHING: Decision = { forwardTo: [], deliver: null, rtcp: false, stun: false, counted: [] };
const DROP = (reason: string): Decision => ({ ...NOTHING, counted: [reason] });

export class DecisionModel {
  #table: PathTable = { routes: [], sinks: [] };
  readonly #remembered = new Map<number, Remembered>();

  setTable(table: PathTable): void {
    this.#table = table;
    const named = new Set([...table.routes, ...table.sinks].map(({ ssrc }) => ssrc));
    for (const ssrc of this.#remembered.keys()) if (!named.has(ssrc)) this.#remembered.delete(ssrc);
  }

  decide(packet: Buffer, from: Endpoint, nowMs: number): Decision {
    if (packet.length < 8) return DROP('tooShort');
    if (packet.length > 1500) return DROP('tooLong');
    if (packet.readUInt8(0) >> 6 !== 2) return isStun(packet) ? { ...NOTHING, stun: true } : DROP('badVersion');
    const type = packet.readUInt8(1);
    if (type >= 192 && type <= 223) {
      const known = this.#table.reporters?.some((endpoint) => same(endpoint, from)) ?? false;
      return known ? { ...NOTHING, rtcp: true } : DROP('unknownAddress');
    }
    if (packet.length < headerLength(packet)) return DROP('tooShort');
    const ssrc = packet.readUInt32BE(8);
    const route = this.#table.routes.find((candidate) => candidate.ssrc === ssrc);
    const sinks = this.#table.sinks.filter((candidate) => candidate.ssrc === ssrc);
    if (route === undefined && sinks.length === 0) return DROP('unknownSsrc');
    const isUpstream = route?.upstream?.some((upstream) => same(upstream, from)) ?? false;
    const isAllowed = sinks.some((sink) => sink.from.some((endpoint) => same(endpoint, from)));
    if (!isUpstream && !isAllowed) return DROP('unknownAddress');
    const sequence = packet.readUInt16BE(2);
    const memory = this.#remembered.get(ssrc) ?? {
      seen: [],
      delivered: new Set(),
      staleInARow: 0,
      doubtedAtMs: undefined,
      movedAtMs: nowMs,
      granted: [],
    };
    this.#remembered.set(ssrc, memory);
    const counted: string[] = [];
    let forwardTo: string[] = [];
    if (route !== undefined && isUpstream) {
      const legs = route.legs.filter(({ slices }) => Math.floor(slices / 2 ** (sequence % 16)) % 2 === 1);
      const receivers = [...new Set(legs.map(({ to }) => `${to.host}:${to.port}`))];
      const granted =
        route.limitBps === null || grant(memory, 8 * packet.length * receivers.length, route.limitBps, nowMs);
      if (granted) forwardTo = receivers.sort();
      else counted.push('overLimit');
    }
    const extended = place(memory, sequence, nowMs);
    if (!isAllowed) return { ...NOTHING, forwardTo, counted };
    const isNew = extended !== null && !memory.delivered.has(extended);
    if (isNew) memory.delivered.add(extended);
    return {
      ...NOTHING,
      forwardTo,
      deliver: isNew ? extended : null,
      counted: isNew ? counted : [...counted, 'duplicate'],
    };
  }
}

/** As often as it comes: no run here has so much of it that some would be refused. */
function isStun(packet: Buffer): boolean {
  const isLongEnough = packet.length >= 20 && packet.length <= 548 && packet.length % 4 === 0;
  return isLongEnough && packet.readUInt16BE(2) === packet.length - 20 && packet.subarray(4, 8).equals(COOKIE);
}

function headerLength(packet: Buffer): number {
  const first = packet.readUInt8(0);
  const fixed = 12 + 4 * (first % 16);
  if (Math.floor(first / 16) % 2 === 0) return fixed;
  return packet.length < fixed + 4 ? fixed + 4 : fixed + 4 + 4 * packet.readUInt16BE(fixed + 2);
}

/** The extended number, or null for a packet that is too far behind. */
function place(memory: Remembered, sequence: number, nowMs: number): number | null {
  if (memory.seen.length === 0) {
    memory.seen.push(sequence);
    memory.movedAtMs = nowMs;
    return sequence;
  }
  const highest = Math.max(...memory.seen);
  const candidates = [-1, 0, 1].map((cycle) => (Math.floor(highest / 65536) + cycle) * 65536 + sequence);
  const nearest = candidates.reduce((best, next) =>
    Math.abs(next - highest) < Math.abs(best - highest) ? next : best,
  );
  if (nearest > highest) {
    memory.movedAtMs = nowMs;
    memory.doubtedAtMs = undefined;
  } else if (Math.trunc(nowMs) - Math.trunc(memory.movedAtMs) >= 2000) {
    memory.doubtedAtMs ??= nowMs;
    const isAnew = Math.trunc(nowMs) - Math.trunc(memory.doubtedAtMs) >= 10;
    return isAnew ? restart(memory, highest, sequence, nowMs) : null;
  }
  if (nearest > highest - 4096) {
    memory.staleInARow = 0;
    memory.seen.push(nearest);
    return nearest;
  }
  memory.staleInARow++;
  return memory.staleInARow < 8 ? null : restart(memory, highest, sequence, nowMs);
}

function restart(memory: Remembered, highest: number, sequence: number, nowMs: number): number {
  const extended = (Math.floor(highest / 65536) + 1) * 65536 + sequence;
  memory.seen = [extended];
  memory.staleInARow = 0;
  memory.movedAtMs = nowMs;
  memory.doubtedAtMs = undefined;
  return extended;
}

/** Fills the bucket from its beginning through everything that was ever granted, to know what is in it now. */
function grant(memory: Remembered, bits: number, limitBps: number, nowMs: number): boolean {
  const depth = Math.max(limitBps / 2, 120_000);
  let level = depth;
  let atMs = memory.granted[0]?.atMs ?? nowMs;
  for (const past of memory.granted) {
    level = Math.min(depth, level + (limitBps * (past.atMs - atMs)) / 1000) - past.bits;
    atMs = past.atMs;
  }
  level = Math.min(depth, level + (limitBps * (nowMs - atMs)) / 1000);
  const enough = level >= bits;
  memory.granted.push({ atMs: nowMs, bits: enough ? bits : 0 });
  return enough;
}

function same(a: Endpoint, b: Endpoint): boolean {
  return a.host === b.host && a.port === b.port;
}
