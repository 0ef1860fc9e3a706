/** A stream on its way to one receiver in virtual time: several ways that delay and lose, and senders that answer NACKs. */

import type { Latency } from '../../actors/media/repair/patience.ts';
import { type Arrival, ReceiveBuffer, type Step } from '../../actors/media/repair/receive-buffer.ts';
import { Random } from '../simulation/world/random.ts';

export interface Way {
  readonly name: string;
  /** One way, in ms. */
  readonly delayMs: number;
  /** Each packet takes up to so much longer, in ms. */
  readonly jitterMs?: number;
  /** Share of packets lost, there and back alike. */
  readonly loss: number;
  /** Nothing comes by it from then on. */
  readonly diesAtMs?: number;
}

export interface Trial {
  readonly seed: number;
  readonly latency: Latency;
  readonly packets: number;
  /** Packets a second. */
  readonly pps: number;
  /** Slices are dealt to them in turn. */
  readonly ways: readonly Way[];
  readonly firstSequence?: number;
}

export interface Played {
  readonly sequence: number;
  /** From the first arrival of the packet, or where it came again, of the copy, to its being played, in ms. */
  readonly heldMs: number;
  /** From its being sent to its being played. */
  readonly ageMs: number;
}

const FROM = { host: '192.0.2.1', port: 5000 };
/** How long a sender can send again what it has sent. */
const STORED_MS = 1000;

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Plays the trial to its end. The same trial gives the same result. */
export function playTrial({ seed, latency, packets, pps, ways, firstSequence = 0 }: Trial) {
  const random = new Random(seed);
  const buffer = new ReceiveBuffer(latency);
  const played: Played[] = [];
  const arrivedMs = new Map<number, number>();
  const sentMs = new Map<number, number>();
  let due: Due[] = [];
  let nowMs = 0;
  let wakeAtMs = Number.POSITIVE_INFINITY;
  let order = 0;
  let mostHeld = 0;
  const at = (atMs: number, run: () => void) => due.push({ atMs, order: order++, run });
  const wayOf = (sequence: number) => ways[(sequence & 15) % ways.length] ?? fail();

  const follow = ({ play, ask, wakeAtMs: next }: Step) => {
    for (const { sequence } of play) {
      const cameMs = arrivedMs.get(sequence) ?? nowMs;
      played.push({ sequence, heldMs: nowMs - cameMs, ageMs: nowMs - (sentMs.get(sequence) ?? 0) });
    }
    mostHeld = Math.max(mostHeld, arrivedMs.size - played.length);
    wakeAtMs = next;
    for (const [name, sequences] of ask) {
      const way = ways.find((one) => one.name === name) ?? fail();
      if (random.chance(way.loss)) continue;
      at(nowMs + way.delayMs, () => {
        for (const sequence of sequences) if (nowMs - (sentMs.get(sequence) ?? 0) < STORED_MS) travel(sequence, way);
      });
    }
  };
  const travel = (sequence: number, way: Way) => {
    if (random.chance(way.loss) || nowMs >= (way.diesAtMs ?? Number.POSITIVE_INFINITY)) return;
    at(nowMs + way.delayMs + random.between(0, way.jitterMs ?? 0), () => {
      if (arrivedMs.has(sequence)) return;
      arrivedMs.set(sequence, nowMs);
      const arrival: Arrival = { packet: Uint8Array.of(sequence & 0xff), sequence, from: FROM, way: way.name };
      follow(buffer.take(arrival, nowMs));
    });
  };
  const send = (index: number) => {
    const sequence = firstSequence + index;
    sentMs.set(sequence, nowMs);
    travel(sequence, wayOf(sequence));
    if (index + 1 < packets) at(((index + 1) * 1000) / pps, () => send(index + 1));
  };
  at(0, () => send(0));
  for (;;) {
    due.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const next = due[0];
    if (next === undefined && wakeAtMs === Number.POSITIVE_INFINITY) break;
    if (next === undefined || wakeAtMs < next.atMs) {
      nowMs = Math.max(nowMs, wakeAtMs);
      follow(buffer.wake(nowMs));
    } else {
      due = due.slice(1);
      nowMs = next.atMs;
      next.run();
    }
  }
  return { played, counts: buffer.counts, mostHeld };
}

function fail(): never {
  throw new Error('a trial has a way for each packet');
}
