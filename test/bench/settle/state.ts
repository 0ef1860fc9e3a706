/** When a simulated room last changed. */
import type { PeerProcess } from '../../simulation/world/peer/peer-process.ts';
import type { World } from '../../simulation/world/world.ts';

export class RoomState {
  readonly #world: World;
  readonly #contexts = new Map<PeerProcess, unknown>();
  readonly #ways = new Map<PeerProcess, string>();
  readonly #promises = new Map<PeerProcess, string>();
  /** When a rate, or the ways that packets shall take, were last seen to change, in virtual ms. */
  movedMs = 0;
  /** When anything was. */
  changedMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Returns whether anything has changed since the last look. */
  look(): boolean {
    const nowMs = this.#world.clock.now();
    const seenMs = this.changedMs;
    for (const process of this.#world.alive) {
      const { negotiation } = process;
      if (negotiation === undefined || this.#contexts.get(process) === negotiation) continue;
      this.#contexts.set(process, negotiation);
      if (this.#notes(this.#ways, process, waysText(negotiation))) this.movedMs = nowMs;
      if (this.#notes(this.#promises, process, promisesText(negotiation))) this.changedMs = nowMs;
    }
    this.changedMs = Math.max(this.changedMs, this.movedMs, this.#world.changedMs);
    return this.changedMs !== seenMs;
  }

  #notes(texts: Map<PeerProcess, string>, process: PeerProcess, text: string): boolean {
    if (texts.get(process) === text) return false;
    texts.set(process, text);
    return true;
  }
}

type Negotiation = NonNullable<PeerProcess['negotiation']>;

function waysText({ inForce, rates }: Negotiation): string {
  const ways = [...inForce].map(([stream, paths]) => [stream, [...paths].map(([receiver, of]) => [receiver, [...of]])]);
  return JSON.stringify([[...rates], ways]);
}

/** What it has of others, and others of it. */
function promisesText({ asked, relaying: { agreements, ledger } }: Negotiation): string {
  const held = [...agreements.values()].map(({ id, streams }) => [id, streams]);
  const granted = [...asked.values()].map(({ id, granted }) => [id, granted]);
  return JSON.stringify([held, granted, [...ledger.promised], ledger.ownWantedBps, ledger.ownInUseBps]);
}
