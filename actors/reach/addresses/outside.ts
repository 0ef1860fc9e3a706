/** As what others see our socket: STUN servers that we ask, and members on the internet, whose answers tell it. */
import { scopeOf } from '../../../infra/network/scope.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import type { Reflexive } from '../../../infra/stun/client.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { familyOf } from '../../../machines/pairs/contract.ts';
import type { Sighting, Witnesses } from '../../../machines/pairs/witnesses.ts';
import { sameData } from '../../../machines/same-data.ts';

/** `other`: this member said something else before. It lies, or all will say something else soon. */
export type Word = 'none' | 'same' | 'first' | 'other';

interface Told extends Sighting {
  readonly peer: PeerId;
}

export class Outside {
  /** By server, `host:port`, as what it saw us last. */
  readonly #servers = new Map<string, Endpoint>();
  /** By member and family: several may share a host. In the order in which their words have come, so that who keeps its word stands first. */
  readonly #members = new Map<string, Told>();

  /** @param lent as what the TURN server sees us */
  witnesses(lent: Sighting | null): Witnesses {
    const asked = [...this.#servers].map(([by, as]) => ({ by, as }));
    const servers = lent === null ? asked : [...asked, lent];
    const members = [...this.#members.values()];
    // A server within our own network sees us as nobody outside does.
    const outer = servers.filter(({ as }) => scopeOf(as.host) !== 'private');
    return { servers: outer.length + members.length > 0 ? outer : servers, members };
  }

  /** Whether a server has told. */
  get isTold(): boolean {
    return this.#servers.size > 0;
  }

  /** This machine is in another network. */
  forget(): void {
    this.#servers.clear();
    this.#members.clear();
  }

  /** Whoever is gone bears witness no more. */
  keepOnly(peers: ReadonlySet<PeerId>): void {
    for (const [key, { peer }] of this.#members) if (!peers.has(peer)) this.#members.delete(key);
  }

  /** What the servers say now. While one is asked anew, what it said before is taken for true. */
  takeReflexives(reflexives: ReadonlyMap<string, Reflexive>): void {
    for (const [by, reflexive] of reflexives) {
      if (reflexive.kind === 'failed') this.#servers.delete(by);
      else if (reflexive.kind === 'mapped') this.#serverSees(by, reflexive.address);
    }
  }

  /** A member has answered, from `by`. Within private networks nobody sees us from outside. */
  takeAnswer(peer: PeerId, by: string, as: Endpoint | undefined): Word {
    if (as === undefined || scopeOf(by) === 'private' || scopeOf(as.host) === 'private') return 'none';
    const key = `${peer} ${familyOf(as)}`;
    const before = this.#members.get(key);
    if (sameData(before?.as, as)) return 'same';
    this.#members.delete(key);
    this.#members.set(key, { peer, by, as });
    return before === undefined ? 'first' : 'other';
  }

  #serverSees(by: string, as: Endpoint): void {
    const before = this.#servers.get(by);
    if (sameData(before, as)) return;
    // The router has given us another address: what members have seen is of before.
    if (before !== undefined) this.#members.clear();
    this.#servers.set(by, as);
  }
}
