/** Who has promised whom what, as the room hears it. */
import type { Body, PeerId } from '../../machines/messages.ts';
import type { RoomEvent } from './contract.ts';
import { relayed } from './message-text.ts';
import { withNewest } from './newest.ts';

/** Of one relay; more than it can have clients. */
const MAX_OF_RELAY = 256;

/** Of each relay what its agreements carry, in words, by client and id of the agreement. */
export class Agreements {
  readonly #byRelay: Map<PeerId, ReadonlyMap<string, string>>;

  constructor(byRelay: ReadonlyMap<PeerId, ReadonlyMap<string, string>> = new Map()) {
    this.#byRelay = new Map(byRelay);
  }

  clone(): Agreements {
    return new Agreements(this.#byRelay);
  }

  /** An offer is in force at once. One that says what is known says nothing new. */
  offered(relay: PeerId, client: PeerId, { agreement, streams }: Body<'relay.offer'>, atMs: number): RoomEvent[] {
    const carries = relayed(streams);
    const key = keyOf(client, agreement);
    const held = this.#byRelay.get(relay);
    if (held?.get(key) === carries) return [];
    this.#byRelay.set(relay, withNewest(held, [key, carries], MAX_OF_RELAY));
    return [{ what: 'agreed', atMs, client, relay, carries }];
  }

  /** Either end may end it, and both do; once is told. */
  released(by: PeerId, other: PeerId, { agreement, reason }: Body<'relay.release'>, atMs: number): RoomEvent[] {
    const ended = this.#forget(other, by, agreement) ?? this.#forget(by, other, agreement);
    return ended === undefined ? [] : [{ what: 'ended', atMs, ...ended, by, reason }];
  }

  /** The relay has gone, and with it what it promised. */
  forgetRelay(relay: PeerId): void {
    this.#byRelay.delete(relay);
  }

  #forget(client: PeerId, relay: PeerId, agreement: string) {
    const held = this.#byRelay.get(relay);
    const key = keyOf(client, agreement);
    if (held === undefined || !held.has(key)) return undefined;
    const rest = new Map(held);
    rest.delete(key);
    this.#byRelay.set(relay, rest);
    return { client, relay };
  }
}

const keyOf = (client: PeerId, agreement: string) => `${client} ${agreement}`;
