/** As what others see our socket: STUN servers that we ask, and members on the internet, whose answers tell it. */
import { scopeOf } from '../../infra/network/scope.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { Reflexive } from '../../infra/stun/client.ts';
import type { Sighting } from '../../machines/pairs/nat.ts';
import { sameData } from '../../machines/same-data.ts';

/** Members that have told how they see us; the one that told first is forgotten. */
const MOST_SIGHTINGS = 16;

export class Outside {
  /** By server, `host:port`, as what it saw us last. */
  readonly #servers = new Map<string, Endpoint>();
  /** By member's host. */
  readonly #members = new Map<string, Endpoint>();

  /** Of servers. */
  get asked(): Sighting[] {
    return sightingsOf(this.#servers);
  }

  /** Of members. */
  get told(): Sighting[] {
    return sightingsOf(this.#members);
  }

  /** This machine is in another network. */
  forget(): void {
    this.#servers.clear();
    this.#members.clear();
  }

  /** What the servers say now. While one is asked anew, what it said before is taken for true. */
  takeReflexives(reflexives: ReadonlyMap<string, Reflexive>): void {
    for (const [by, reflexive] of reflexives) {
      if (reflexive.kind === 'failed') this.#servers.delete(by);
      else if (reflexive.kind === 'mapped') this.#see(this.#servers, by, reflexive.address);
    }
  }

  /**
   * A member has answered.
   *
   * @returns whether that tells anything new; within private networks nobody sees us from outside
   */
  takeAnswer(by: string, as: Endpoint | undefined): boolean {
    if (as === undefined || scopeOf(by) === 'private' || scopeOf(as.host) === 'private') return false;
    if (!this.#see(this.#members, by, as)) return false;
    for (const oldest of this.#members.keys()) {
      if (this.#members.size <= MOST_SIGHTINGS) break;
      this.#members.delete(oldest);
    }
    return true;
  }

  #see(seen: Map<string, Endpoint>, by: string, as: Endpoint): boolean {
    const before = seen.get(by);
    if (sameData(before, as)) return false;
    // The router has given us another address: what members have seen is of before.
    if (before !== undefined) this.#members.clear();
    seen.set(by, as);
    return true;
  }
}

function sightingsOf(seen: ReadonlyMap<string, Endpoint>): Sighting[] {
  return [...seen].map(([by, as]) => ({ by, as }));
}
