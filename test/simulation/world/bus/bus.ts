/** The message bus: permissions are left out, its bad days are not, and neither is a server that forges. */
import {
  decodeMessage,
  encodeMessage,
  type Outgoing,
  type PeerId,
  SESSION_KINDS,
} from '../../../../machines/messages.ts';
import { type Address, ALL, isKind } from '../../../../machines/subjects.ts';
import type { BusConditions } from '../../script/presets.ts';
import type { Trace } from '../../verdict/trace.ts';
import type { VirtualClock } from '../clock.ts';
import type { Random } from '../random.ts';

/** What a server carries and sees, under its subject: a text, or what it is sealed as. */
export interface Carried {
  readonly address: Address;
  readonly payload: string | Uint8Array;
}

/** What is carried, as bytes. */
export function bytesOf({ payload }: Carried): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}

/** Whoever is on the bus: one process of a peer. */
export interface Subscriber {
  readonly id: PeerId;
  readonly epoch: number;
  readonly compatible: boolean;
  /** Its machine sleeps: nothing reaches it. */
  readonly asleep: boolean;
  /** What it says as it goes over the bus. */
  seal(address: Address, text: string): string | Uint8Array;
  /** A message as it came, not yet read. */
  take(carried: Carried): void;
}

/** Of every simulated room. */
export const ROOM = 'simulated';

export class Bus {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #conditions: BusConditions;
  readonly #trace: Trace;
  readonly #subscribers = new Set<Subscriber>();
  readonly #away = new Map<PeerId, number>();
  readonly published = new Map<PeerId, number>();
  readonly publishedByKind = new Map<string, number>();
  /** Shown all that is carried. */
  readonly watchers = new Set<(carried: Carried) => void>();

  constructor(clock: VirtualClock, random: Random, conditions: BusConditions, trace: Trace) {
    this.#clock = clock;
    this.#random = random;
    this.#conditions = conditions;
    this.#trace = trace;
  }

  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Cut a peer off; several cuts add up, and the returned function ends this one. */
  cutOff(peer: PeerId): () => void {
    this.#away.set(peer, (this.#away.get(peer) ?? 0) + 1);
    return () => this.#away.set(peer, (this.#away.get(peer) ?? 1) - 1);
  }

  isAway(peer: PeerId): boolean {
    return (this.#away.get(peer) ?? 0) > 0;
  }

  /** Whether another process holds this id, after a round trip; no answer where the bus is away. */
  claim(claimant: Subscriber, answer: (free: boolean) => void): void {
    if (this.isAway(claimant.id)) return;
    const others = [...this.#subscribers].some(
      (other) => other !== claimant && other.id === claimant.id && !other.asleep,
    );
    this.#clock.setTimeout(() => answer(!others), this.#latency() + this.#latency());
  }

  /** @returns what is wrong with the message, if its own schema refuses it */
  publish(from: Subscriber, seq: number, to: PeerId | typeof ALL, outgoing: Outgoing): string | undefined {
    this.published.set(from.id, (this.published.get(from.id) ?? 0) + 1);
    this.publishedByKind.set(outgoing.kind, (this.publishedByKind.get(outgoing.kind) ?? 0) + 1);
    const text = encodeMessage(outgoing, from.epoch, seq);
    this.#trace.line(this.#clock.now(), `${from.id} > ${to} ${outgoing.kind} ${text}`);
    const message = decodeMessage(outgoing.kind, from.id, text);
    if ('fault' in message) return `${outgoing.kind}: ${message.detail}`;
    this.say(from, to, outgoing.kind, text);
    return undefined;
  }

  /** Also what is no message of the protocol. */
  say(from: Subscriber, to: PeerId | typeof ALL, kind: string, text: string): void {
    if (this.isAway(from.id) || from.asleep) return;
    const address = { room: ROOM, from: from.id, to, kind };
    const carried = { address, payload: from.seal(address, text) };
    for (const watch of this.watchers) watch(carried);
    for (const receiver of this.#receiversOf(address)) if (receiver !== from) this.#deliver(carried, receiver);
  }

  /** Whoever may write under any subject, as the server may, says this. */
  inject(carried: Carried): void {
    for (const receiver of this.#receiversOf(carried.address)) this.#deliver(carried, receiver);
  }

  #receiversOf({ to, kind }: Address): Subscriber[] {
    const isForAll = !isKind(kind) || SESSION_KINDS.includes(kind);
    return [...this.#subscribers].filter(({ id, compatible }) => (to === ALL || to === id) && (isForAll || compatible));
  }

  #deliver(carried: Carried, receiver: Subscriber): void {
    if (this.#random.chance(this.#conditions.loss)) return;
    const copies = this.#random.chance(this.#conditions.duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#clock.setTimeout(() => {
        const reached = this.#subscribers.has(receiver) && !this.isAway(receiver.id) && !receiver.asleep;
        if (reached) receiver.take(carried);
      }, this.#latency());
    }
  }

  #latency(): number {
    const { latencyMs, jitterMs } = this.#conditions;
    return this.#random.between(...latencyMs) + this.#random.next() * jitterMs;
  }
}
