/** How a simulated process speaks on a bus on which members sign, and whom it believes there: what ships seals and opens. */
import type { Keys, Self } from '../../../../actors/bus/sealing/contract.ts';
import { Opener } from '../../../../actors/bus/sealing/opener.ts';
import { Sealer } from '../../../../actors/bus/sealing/sealer.ts';
import type { PeerId } from '../../../../machines/messages.ts';
import { type Address, ALL } from '../../../../machines/subjects.ts';
import type { BusTruth } from '../../verdict/bus-truth.ts';
import { bytesOf, type Carried } from './bus.ts';

/** Whoever has not shown yet that it is here is asked by the one and answers by the other, as in `actors/bus`. */
const PROVE = 'prove';
const PROOF = 'proof';

export interface SignedEndOptions {
  readonly keys: Keys;
  readonly self: Self;
  readonly truth: BusTruth;
  /** What is no message of the protocol: it only says who is here. */
  readonly say: (to: PeerId, kind: string) => void;
  readonly violate: (text: string) => void;
}

export class SignedEnd {
  readonly #options: SignedEndOptions;
  readonly #sealer: Sealer;
  readonly #opener: Opener;

  constructor(options: SignedEndOptions) {
    this.#options = options;
    this.#sealer = new Sealer(options.keys);
    this.#opener = new Opener(options.keys, options.self);
  }

  seal(address: Address, text: string): Uint8Array {
    const forEpoch = address.to === ALL ? 0 : this.#opener.epochOf(address.to);
    this.#options.truth.said({ address, text, forEpoch, key: this.#options.keys.identity?.publicKey });
    return this.#sealer.seal(address, text, forEpoch);
  }

  /** @returns what it says, where it is believed and for the machines */
  open(carried: Carried, nowMs: number): string | undefined {
    const { truth, self, keys, say, violate } = this.#options;
    const { address } = carried;
    const opened = this.#opener.open(address, bytesOf(carried), nowMs);
    if (opened.ask) say(address.from, PROVE);
    if ('fault' in opened) return undefined;
    const knownKey = address.from === self.id ? keys.identity?.publicKey : keys.known.keyOf(address.from);
    const wrong = truth.believed({ address, text: opened.text, by: self, knownKey });
    if (wrong !== undefined) violate(`${self.id} believes ${wrong}`);
    if (address.kind === PROVE && this.#opener.mayAnswer(address.from, nowMs)) say(address.from, PROOF);
    return address.kind === PROVE || address.kind === PROOF ? undefined : opened.text;
  }

  provenKey(peer: PeerId, epoch: number): string | null {
    return this.#opener.provenKey(peer, epoch);
  }
}
