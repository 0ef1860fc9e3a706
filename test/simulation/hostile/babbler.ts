/**
 * A peer out of its mind: for a while it also sends garbled copies of its own messages to anybody, complains of what it gets,
 * meddles with others' agreements, and names addresses that are not its own. All of it fits its schema.
 */
import { decodeMessage, type Outgoing } from '../../../machines/messages.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import type { PeerProcess } from '../world/peer/peer-process.ts';
import type { Random } from '../world/random.ts';
import { Forger } from './forger.ts';

/** The chance of each value in a message to be garbled. */
const GARBLED = 0.15;
const PAUSE_MS = [20, 200] as const;
/** The chances that it complains, or meddles, instead of repeating itself. */
const COMPLAINS = 0.2;
const MEDDLES = 0.2;
/** That it names addresses beside that. */
const FORGES = 0.3;
/** Where its revisions begin: above any honest one. */
const MEDDLED_REVISION = 1000;

export class Babbler {
  readonly #process: PeerProcess;
  readonly #random: Random;
  readonly #forging: Random;
  readonly #forger: Forger;
  readonly #others: readonly PeerProcess[];

  constructor(process: PeerProcess, random: Random, others: readonly PeerProcess[]) {
    this.#process = process;
    this.#random = random;
    this.#forging = random.fork('forging');
    this.#forger = new Forger(this.#forging);
    this.#others = others;
  }

  pauseMs(): number {
    return this.#random.between(...PAUSE_MS);
  }

  speak(): void {
    const other = this.#random.pick(this.#others);
    if (other === undefined) return;
    if (this.#random.chance(COMPLAINS)) this.#complainTo(other);
    else if (this.#random.chance(MEDDLES)) this.#meddleWith(other);
    else this.#repeatTo(this.#random.chance(0.5) ? 'all' : other.id);
    if (this.#forging.chance(FORGES)) this.#forge();
  }

  /** It comes to its senses: what it said last under numbers of its own would be believed for ever. */
  end(): void {
    const { profile } = this.#process;
    profile.changeUpload(profile.uploadBps - 1);
    this.#toOthers(this.#forger.honest(this.#process));
  }

  /** To all, so that they fall upon the same address together. */
  #forge(): void {
    this.#toOthers(this.#forger.forged(this.#others));
  }

  #toOthers(message: Outgoing): void {
    for (const { id } of this.#others) if (id !== this.#process.id) this.#process.bus.publish(id, message);
  }

  #repeatTo(to: string): void {
    const said = this.#random.pick(this.#process.bus.said);
    const message = said && this.#garbled(said);
    if (message !== undefined) this.#process.bus.publish(to, message);
  }

  /** That slices do not come which come. */
  #complainTo(owner: PeerProcess): void {
    const stream = this.#random.pick(owner.show.streams)?.name;
    if (stream === undefined) return;
    const slices = this.#random.integer(1, ALL_SLICES);
    this.#process.bus.publish(owner.id, { kind: 'media.missing', body: { stream, slices } });
  }

  /** Asks a relay for, or ends, an agreement that another client has with it. */
  #meddleWith(client: PeerProcess): void {
    const [relay, agreed] = this.#random.pick([...(client.negotiation?.asked ?? [])]) ?? [];
    if (relay === undefined || agreed === undefined) return;
    const agreement = agreed.id;
    if (this.#random.chance(0.5)) {
      const body = { agreement, reason: 'client.done', noticeMs: 0 } as const;
      this.#process.bus.publish(this.#random.chance(0.5) ? relay : client.id, { kind: 'relay.release', body });
      return;
    }
    const stream = this.#random.pick(this.#process.show.streams)?.name;
    const receiver = this.#random.pick(this.#others)?.id;
    if (stream === undefined || receiver === undefined) return;
    const legs = [{ slices: this.#random.integer(1, ALL_SLICES), receivers: [receiver] }];
    const streams = [{ stream, rateBps: this.#random.integer(0, 1_000_000), legs }];
    const revision = MEDDLED_REVISION + this.#random.integer(0, MEDDLED_REVISION);
    this.#process.bus.publish(relay, { kind: 'relay.request', body: { agreement, revision, streams } });
  }

  /** Undefined where the schema refuses what came out. */
  #garbled({ kind, body }: Outgoing): Outgoing | undefined {
    const message = decodeMessage(kind, this.#process.id, JSON.stringify({ epoch: 0, seq: 0, ...this.#object(body) }));
    return 'fault' in message ? undefined : message;
  }

  #object(value: object): object {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.#value(part)]));
  }

  #value(value: unknown): unknown {
    if (Array.isArray(value)) return value.flatMap((part) => this.#element(part));
    if (typeof value === 'object' && value !== null) return this.#object(value);
    if (!this.#random.chance(GARBLED)) return value;
    if (typeof value === 'number') return this.#number(value);
    if (typeof value === 'boolean') return !value;
    return this.#random.pick(this.#others)?.id ?? value;
  }

  #element(part: unknown): unknown[] {
    if (this.#random.chance(GARBLED)) return [];
    return this.#random.chance(GARBLED) ? [this.#value(part), this.#value(part)] : [this.#value(part)];
  }

  #number(value: number): number {
    const choices = [0, 1, value + 1, Math.max(0, value - 1), value * 2, Math.floor(this.#random.next() * 65_536)];
    return this.#random.pick(choices) ?? value;
  }
}
