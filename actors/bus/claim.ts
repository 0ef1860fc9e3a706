/** Who may have an id in a room: asked of all processes that have it, over the bus. */
import { z } from 'zod';
import type { NatsBus } from '../../infra/nats/connection.ts';
import type { PeerId } from '../../machines/messages.ts';
import { type Address, subjectOf } from '../../machines/subjects.ts';
import { DELAYS } from '../../machines/timers.ts';
import type { Opener } from './sealing/opener.ts';
import type { Sealer } from './sealing/sealer.ts';

const KIND = 'claim';
/** Answers go to an inbox: this is what they are sealed as. */
const ANSWER_KIND = 'claim.answer';
const claimSchema = z.object({ epoch: z.int().min(0) });
type Claim = z.infer<typeof claimSchema>;

export interface ClaimOptions {
  readonly nats: NatsBus;
  readonly room: string;
  readonly id: PeerId;
  readonly epoch: number;
  readonly sealer: Sealer;
  readonly opener: Opener;
}

/**
 * Our claim to our id. Who waits to join asks early, since the answer takes a round trip to the server, and joining would wait for it.
 */
export class IdClaim {
  readonly #options: ClaimOptions;
  readonly #address: Address;
  #standing: 'asking' | 'granted' | 'refused' = 'asking';
  /** What the server has been asked already; undefined: nothing, or the bus has been away since. */
  #asked: Promise<boolean> | undefined;
  #stopDefending: (() => void) | undefined;

  constructor(options: ClaimOptions) {
    this.#options = options;
    const { room, id } = options;
    this.#address = { room, from: id, to: id, kind: KIND };
  }

  /** From now on whoever claims our id gets an answer, until {@link release}. */
  defend(): void {
    if (this.#stopDefending !== undefined) return;
    const { nats } = this.#options;
    const stop = [
      nats.subscribe(subjectOf(this.#address), (_subject, bytes, reply) => this.#answer(bytes, reply)),
      nats.onStatus(({ state }) => {
        // Nobody has heard us meanwhile: another may have got it.
        if (state === 'disconnected') this.#asked = undefined;
      }),
    ];
    this.#stopDefending = () => {
      for (const each of stop) each();
    };
  }

  /** Claims it already, so that {@link ask} has its answer by then. */
  askEarly(): void {
    this.defend();
    this.#asked = this.#request();
  }

  /** Whether the id is ours. Nobody else subscribed: it is, and the server says so at once. An answer means that it is taken. */
  async ask(): Promise<boolean> {
    const early = this.#asked;
    this.#asked = undefined;
    // Whoever had it then may have left since.
    return (early !== undefined && (await early)) || this.#request();
  }

  /** It is anybody's. */
  release(): void {
    this.#stopDefending?.();
    this.#stopDefending = undefined;
    this.#asked = undefined;
    this.#standing = 'asking';
  }

  async #request(): Promise<boolean> {
    const { nats, epoch, sealer, opener } = this.#options;
    if (this.#standing === 'refused') this.#standing = 'asking';
    // Of two who ask at once each must hear the other. Our subscription stands by then: the server takes what we send it in order.
    const question = sealer.seal(this.#address, textOf({ epoch }), 0);
    const answer = await nats.request(subjectOf(this.#address), question, DELAYS.claimTimeout);
    // Who does not hold the key of the room keeps nobody out of it.
    const isRefused =
      answer.outcome === 'reply' && read(opener.openClaim(this.#answered, answer.bytes, epoch)) !== undefined;
    this.#standing = isRefused ? 'refused' : 'granted';
    return !isRefused;
  }

  /** Only who has the better right answers, so that one answer decides: who has the id, or else who started first. */
  #answer(bytes: Uint8Array, reply: string | undefined): void {
    const { nats, epoch, sealer, opener } = this.#options;
    const claim = read(opener.openClaim(this.#address, bytes, 0));
    if (reply === undefined || claim === undefined) return;
    if (this.#standing === 'refused') return;
    if (this.#standing === 'granted' || epoch < claim.epoch)
      nats.publish(reply, sealer.seal(this.#answered, textOf({ epoch }), claim.epoch));
  }

  get #answered(): Address {
    return { ...this.#address, kind: ANSWER_KIND };
  }
}

function textOf(claim: Claim): string {
  return JSON.stringify(claim);
}

function read(text: string | undefined): Claim | undefined {
  if (text === undefined) return undefined;
  try {
    return claimSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
