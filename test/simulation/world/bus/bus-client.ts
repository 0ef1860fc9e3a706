/** A process's connection to the bus: what it says goes there under its number and seal, and what it takes off it goes to its machine. */
import { fromCallback } from 'xstate';
import type { Keys } from '../../../../actors/bus/sealing/contract.ts';
import { encodeMessage, type Kind, type Outgoing, type PeerId } from '../../../../machines/messages.ts';
import type { PeerEvent } from '../../../../machines/peer.ts';
import type { BusCommand } from '../../../../machines/ports.ts';
import { type Address, ALL, isKind } from '../../../../machines/subjects.ts';
import type { BusTruth } from '../../verdict/bus-truth.ts';
import type { Bus, Carried, Subscriber } from './bus.ts';
import { BusEnd, type BusEndHost } from './bus-end.ts';
import { SignedEnd } from './signed-end.ts';

/** How many of its last messages a process remembers. */
const REMEMBERED = 16;

export interface BusClientHost extends Omit<BusEndHost, 'publish'> {
  readonly bus: Bus;
  readonly truth: BusTruth;
  /** How it signs, and whom it believes; null: nobody signs. */
  readonly keys: Keys | null;
  readonly isAsleep: () => boolean;
  /** This is urgent: it goes by the media path, too. */
  readonly hasten: (to: PeerId | 'all', message: Kind, text: string) => void;
  readonly violate: (text: string) => void;
}

export class BusClient implements Subscriber {
  readonly id: PeerId;
  readonly epoch: number;
  readonly compatible: boolean;
  /** Its last messages. */
  readonly said: Outgoing[] = [];
  readonly #host: BusClientHost;
  readonly #end: BusEnd;
  /** Null: nobody signs on the bus. */
  readonly #signed: SignedEnd | null;
  #unsubscribe: () => void = () => undefined;
  #seq = 0;

  constructor(host: BusClientHost) {
    this.id = host.id;
    this.epoch = host.epoch;
    this.compatible = host.compatible;
    this.#host = host;
    this.#signed = host.keys && this.#sign(host.keys);
    this.#end = new BusEnd({ ...host, publish: (to, message, isUrgent) => this.#say(to, message, isUrgent) });
  }

  /** Of the machine. */
  readonly logic = fromCallback<BusCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
    const { bus, clock } = this.#host;
    receive((command) => {
      if (command.type === 'bus.publish') this.#end.publish(command.to, command.message, command.urgent);
      else bus.claim(this, (free) => clock.enter(() => sendBack({ type: free ? 'claim.free' : 'claim.taken' })));
    });
  });

  get asleep(): boolean {
    return this.#host.isAsleep();
  }

  open(): void {
    this.#unsubscribe = this.#host.bus.subscribe(this);
  }

  close(): void {
    this.#unsubscribe();
  }

  /** Send any message under this process's name. @returns what is wrong with it */
  publish(to: PeerId | 'all', message: Outgoing): string | undefined {
    this.#seq += 1;
    return this.#host.bus.publish(this, this.#seq, to, message);
  }

  seal(address: Address, text: string): string | Uint8Array {
    return this.#signed === null ? text : this.#signed.seal(address, text);
  }

  take(carried: Carried): void {
    this.#host.clock.enter(() => this.#take(carried));
  }

  /** A message that has come by the media path. */
  takeHurried(kind: Kind, from: PeerId, text: string): void {
    this.#end.takeHurried(kind, from, text);
  }

  /** The process notices that the bus is away, or is back. */
  notice(connected: boolean): void {
    this.#host.clock.enter(() => (connected ? this.#end.connected() : this.#end.disconnected()));
  }

  /** By which this member has shown that it is here; null: it has not. */
  provenKey(peer: PeerId, epoch: number): string | null {
    return this.#signed?.provenKey(peer, epoch) ?? null;
  }

  #sign(keys: Keys): SignedEnd {
    const { id, epoch, truth, violate } = this.#host;
    return new SignedEnd({
      ...{ keys, self: { id, epoch }, truth, violate },
      say: (to, kind) => {
        this.#seq += 1;
        this.#host.bus.say(this, to, kind, JSON.stringify({ epoch, seq: this.#seq }));
      },
    });
  }

  #take(carried: Carried): void {
    const { kind, from, to } = carried.address;
    const text = this.#signed === null ? carried.payload : this.#signed.open(carried, this.#host.clock.now());
    if (typeof text === 'string' && isKind(kind)) this.#end.take(kind, from, text, this.#signed !== null && to !== ALL);
  }

  #say(to: PeerId | 'all', message: Outgoing, isUrgent: boolean): void {
    const { hasten, violate } = this.#host;
    if (this.said.push(message) > REMEMBERED) this.said.shift();
    const fault = this.publish(to, message);
    if (fault !== undefined) violate(`${this.id} published what its schema refuses: ${fault}`);
    if (isUrgent) hasten(to, message.kind, encodeMessage(message, this.epoch, this.#seq));
  }
}
