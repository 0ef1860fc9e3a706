/** Peers on a bus of which the test decides what arrives: each seals what it says, and opens what it gets. */
import type { Keys, SealFault } from '../../actors/bus/sealing/contract.ts';
import { Opener } from '../../actors/bus/sealing/opener.ts';
import { Sealer } from '../../actors/bus/sealing/sealer.ts';
import type { Address } from '../../machines/subjects.ts';
import { freshKeys } from './keys.ts';

export const ROOM = 'r';

/** What the server carries. */
export interface Carried {
  readonly address: Address;
  readonly bytes: Uint8Array;
}

export class Party {
  readonly id: string;
  readonly epoch: number;
  readonly keys: Keys;
  readonly opener: Opener;
  readonly #sealer: Sealer;
  #seq = 0;

  constructor(id: string, epoch: number, keys: Keys = freshKeys()) {
    this.id = id;
    this.epoch = epoch;
    this.keys = keys;
    this.opener = new Opener(keys, { id, epoch });
    this.#sealer = new Sealer(keys);
  }

  /** A message with these words in it. */
  says(words: string, to = 'all', kind = to === 'all' ? 'beat' : 'relay.request'): Carried {
    this.#seq += 1;
    const address = { room: ROOM, from: this.id, to, kind };
    const text = JSON.stringify({ epoch: this.epoch, seq: this.#seq, words });
    return { address, bytes: this.#sealer.seal(address, text, to === 'all' ? 0 : this.opener.epochOf(to)) };
  }

  /** The words of what comes, or why it is not believed. */
  hears({ address, bytes }: Carried, nowMs = 0): string | { readonly fault: SealFault } {
    const opened = this.opener.open(address, bytes, nowMs);
    if ('fault' in opened) return { fault: opened.fault };
    return (JSON.parse(opened.text) as { words: string }).words;
  }

  /** Whether the sender of what comes is to be asked. */
  asks({ address, bytes }: Carried, nowMs: number): boolean {
    return this.opener.open(address, bytes, nowMs).ask ?? false;
  }
}

/** The two have said something to each other alone. */
export function introduce(a: Party, b: Party): void {
  b.hears(a.says('here'));
  a.hears(b.says('here'));
  b.hears(a.says('to you', b.id));
  a.hears(b.says('to you', a.id));
}
