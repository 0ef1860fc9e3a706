/** Where this peer is, as its interfaces, its router, servers and members tell: gathered, and told when it is something else. */
import type { MappedAddress } from '../../../infra/mapping/contract.ts';
import type { InterfaceAddress } from '../../../infra/network/interfaces.ts';
import { isUnspecified } from '../../../infra/network/scope.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { StunClient } from '../../../infra/stun/client.ts';
import type { ReceivedStun } from '../../../infra/stun/message.ts';
import type { Outgoing } from '../../../infra/stun/outgoing.ts';
import { freshTransactionId } from '../../../infra/stun/write.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { OwnAddresses } from '../../../machines/pairs/candidates.ts';
import { BOTH_FAMILIES, type Family, familyOf } from '../../../machines/pairs/contract.ts';
import { sameData } from '../../../machines/same-data.ts';
import type { ReachOptions } from '../contract.ts';
import type { Relayed } from '../turn/relayed.ts';
import type { Asked } from '../turn/udp-watch.ts';
import type { NetworkChange } from './interface-watch.ts';
import { Outside, type Word } from './outside.ts';
import { ownAddresses } from './own-addresses.ts';

/** A check that is not answered within this is not on its way any more; who could tell our outside address has told it. */
const OUTSIDE_PATIENCE_MS = 1500;

export interface WhereaboutsOptions extends Pick<ReachOptions, 'advertised' | 'policy' | 'clock'> {
  /** Of the media socket. */
  readonly bound: Endpoint;
  /** At the TURN server. */
  readonly relayed: Pick<Relayed, 'addresses' | 'sighting'>;
  readonly send: (outgoing: Outgoing) => void;
  /** What others are to be told is something else now. */
  readonly onChange: (own: OwnAddresses) => void;
}

export class Whereabouts {
  readonly #options: WhereaboutsOptions;
  readonly #client = new StunClient({ transactionId: freshTransactionId });
  readonly #outside = new Outside();
  #interfaces: readonly InterfaceAddress[] | undefined;
  #mapped: MappedAddress | null = null;
  #servers: readonly Endpoint[] = [];
  #own: OwnAddresses | null = null;
  #waited = false;
  #stopWaiting: () => void = () => undefined;

  constructor(options: WhereaboutsOptions) {
    this.#options = options;
  }

  /** What others are told; null: nothing yet. */
  get own(): OwnAddresses | null {
    return this.#own;
  }

  /** Undefined before the start. */
  get interfaces(): readonly InterfaceAddress[] | undefined {
    return this.#interfaces;
  }

  /** What our socket can send to: IPv6 only where this machine has an address of it. */
  get families(): ReadonlySet<Family> {
    const { host } = this.#options.bound;
    if (!isUnspecified(host)) return new Set([familyOf({ host })]);
    const known = new Set((this.#interfaces ?? []).map(familyOf));
    return known.size === 0 ? BOTH_FAMILIES : known;
  }

  /** Servers, and what came of asking them. */
  get asked(): Pick<Asked, 'servers' | 'reflexives'> {
    return { servers: this.#servers, reflexives: this.#client.reflexives };
  }

  start(interfaces: readonly InterfaceAddress[]): void {
    this.#interfaces = interfaces;
    this.#awaitOutside();
    this.setServers(this.#servers);
    this.tell();
  }

  stop(): void {
    this.#stopWaiting();
  }

  setServers(servers: readonly Endpoint[]): void {
    this.#servers = servers;
    this.#options.send(this.#client.setServers(servers, this.#options.clock.now()));
  }

  setMapped(mapped: MappedAddress | null): void {
    this.#mapped = mapped;
    this.tell();
  }

  /** What is found anew is told by {@link tell}. */
  networkChanged(interfaces: readonly InterfaceAddress[], change: NetworkChange): void {
    this.#interfaces = interfaces;
    if (change !== 'addresses') return;
    this.#outside.forget();
    this.#awaitOutside();
  }

  /** The servers are asked now. */
  askAnew(): void {
    this.#options.send(this.#client.askAnew(this.#options.clock.now()));
  }

  /** Whoever is gone bears witness no more. */
  keepOnly(peers: ReadonlySet<PeerId>): void {
    this.#outside.keepOnly(peers);
  }

  /** A member has answered, from `by`, and tells as what it sees us. */
  takeAnswer(peer: PeerId, by: string, as: Endpoint | undefined): Word {
    const word = this.#outside.takeAnswer(peer, by, as);
    if (word === 'first' || word === 'other') this.tell();
    return word;
  }

  /** @returns whether it is a server's answer */
  takeStun(message: ReceivedStun, from: Endpoint): boolean {
    const taken = this.#client.take(message, from, this.#options.clock.now());
    if (taken === undefined) return false;
    this.#options.send(taken);
    this.#outside.takeReflexives(this.#client.reflexives);
    this.tell();
    return true;
  }

  wake(): void {
    this.#options.send(this.#client.wake(this.#options.clock.now()));
    this.#outside.takeReflexives(this.#client.reflexives);
  }

  /** If it is something else than was told last. */
  tell(): void {
    const { bound, advertised, policy, relayed } = this.#options;
    const isAsking = [...this.#client.reflexives.values()].some(({ kind }) => kind === 'asking');
    const own = ownAddresses({
      ...{ bound, interfaces: this.#interfaces ?? [], mapped: this.#mapped, relayed: relayed.addresses },
      ...{ advertised, policy, waited: this.#waited },
      witnesses: this.#outside.witnesses(relayed.sighting),
      asking: !this.#outside.isTold && isAsking && !this.#waited,
    });
    if (sameData(own, this.#own)) return;
    this.#own = own;
    this.#options.onChange(own);
  }

  #awaitOutside(): void {
    this.#waited = false;
    this.#stopWaiting();
    this.#stopWaiting = this.#options.clock.after(OUTSIDE_PATIENCE_MS, () => {
      this.#waited = true;
      this.tell();
    });
  }
}
