/** All that goes on with the TURN server: what it lets through to us, and for one that hides behind it the only way to members. */
import { scopeOf } from '../../../infra/network/scope.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { endpointText } from '../../../infra/path/table/addresses.ts';
import type { ReceivedStun } from '../../../infra/stun/message.ts';
import type { Outgoing } from '../../../infra/stun/outgoing.ts';
import type { TurnClient } from '../../../infra/turn/client.ts';
import type { TurnReceived } from '../../../infra/turn/contract.ts';
import type { Body, PeerId } from '../../../machines/messages.ts';
import type { Named, PairNews } from '../../../machines/pairs/contract.ts';
import type { TransportMember } from '../../../machines/ports.ts';
import type { ReachOptions } from '../contract.ts';
import { Relayed } from './relayed.ts';
import { TurnWays } from './turn-ways.ts';

/** More than a room has members; what is forgotten asks again. */
const MOST_ASKERS = 256;

export interface TurnSideOptions extends Pick<ReachOptions, 'policy' | 'clock' | 'note'> {
  readonly send: (outgoing: Outgoing) => void;
}

export class TurnSide {
  readonly relayed: Relayed;
  readonly #options: TurnSideOptions;
  /** Null: members are checked, and answered, directly. */
  readonly #ways: TurnWays | null;
  /** By address, whose check has come from there without a channel. */
  readonly #askers = new Map<string, { readonly peer: PeerId; readonly from: Endpoint }>();

  constructor(options: TurnSideOptions) {
    this.#options = options;
    this.relayed = new Relayed(options.note ?? (() => undefined));
    this.#ways = options.policy === 'relay' ? new TurnWays(this.relayed) : null;
  }

  /** Whether nobody is to learn our address: nothing goes to members, or is taken of them, but through channels. */
  get isOnlyWay(): boolean {
    return this.#ways !== null;
  }

  /** Whether that may go to, or come from, there. */
  allows({ channel }: Endpoint): boolean {
    return this.#ways === null || channel !== undefined;
  }

  open(client: TurnClient, members: readonly TransportMember[]): void {
    this.#options.send(this.relayed.open(client, this.#now));
    for (const { peer, outside } of members) this.#permit(peer, outside === null ? [] : [outside]);
    this.#bind();
  }

  /** @returns who cannot be reached from now on */
  follow(members: readonly TransportMember[]): PairNews[] {
    const proving = members.filter(({ key }) => key !== null);
    this.#ways?.follow(proving, this.#now);
    this.relayed.keepOnly(new Set(members.map(({ peer }) => peer)), this.#now);
    for (const { peer, outside } of proving) this.#permit(peer, outside === null ? [] : [outside]);
    return this.#ways?.unreached(members) ?? [];
  }

  /** A member says where it may be reached. With {@link isOnlyWay} its {@link channels} are all that may be tried. */
  named(peer: PeerId, addresses: Body<'pair.candidates'>): void {
    const hosts = addresses.candidates.map(({ host }) => host);
    this.#permit(peer, hosts);
    this.#ways?.named(peer, addresses, this.#now);
    this.#bind();
  }

  /** Members whose channels are others now. */
  channels(): [PeerId, Named][] {
    return this.#ways?.news() ?? [];
  }

  /** @returns what it passes on, or whether the message is its own at all */
  takeStun(message: ReceivedStun, bytes: Uint8Array, from: Endpoint): TurnReceived | boolean {
    const taken = this.relayed.take(message, bytes, from, this.#now);
    if (taken === undefined) return false;
    this.#options.send(taken);
    return taken.received ?? true;
  }

  /** A member's check has come from there to our address at the server: it gets a channel, through which the next one comes. */
  passesOn(from: Endpoint): void {
    this.#options.send(this.relayed.bind(from, this.#now));
  }

  /** The same of one that cannot wait for the next: its check is answered, and as soon as there is a channel it is {@link answerable}. */
  answers(peer: PeerId, from: Endpoint, answer: Uint8Array): void {
    this.#options.send(this.relayed.sendTo(from, answer, this.#now));
    const text = endpointText(from);
    this.#askers.delete(text);
    this.#askers.set(text, { peer, from });
    for (const oldest of this.#askers.keys()) if (this.#askers.size > MOST_ASKERS) this.#askers.delete(oldest);
  }

  /** Who has asked without a channel and has one now, with the way back. */
  answerable(): [PeerId, Endpoint][] {
    const answerable: [PeerId, Endpoint][] = [];
    for (const [text, { peer, from }] of this.#askers) {
      const way = this.relayed.wayTo(from);
      if (way === undefined) continue;
      this.#askers.delete(text);
      answerable.push([peer, way]);
    }
    return answerable;
  }

  doubt(): void {
    this.#options.send(this.relayed.doubt(this.#now));
  }

  wake(): void {
    this.#options.send(this.relayed.wake(this.#now));
  }

  close(): void {
    this.#options.send(this.relayed.close(this.#now));
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  /** What comes from these hosts to our address at the server is this member's, perhaps. */
  #permit(peer: PeerId, hosts: readonly string[]): void {
    const outer = hosts.filter((host) => scopeOf(host) === 'public');
    this.#options.send(this.relayed.permit(peer, outer, this.#now));
  }

  #bind(): void {
    if (this.#ways !== null) this.#options.send(this.#ways.bind(this.#now));
  }
}
