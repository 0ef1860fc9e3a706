/** Who may have an id in a room: asked of all processes that have it, over the bus. */
import { z } from 'zod';
import type { NatsBus } from '../../infra/nats/connection.ts';
import type { PeerId } from '../../machines/messages.ts';
import { subjectOf } from '../../machines/subjects.ts';
import { DELAYS } from '../../machines/timers.ts';

const KIND = 'claim';
const claimSchema = z.object({ epoch: z.int().min(0) });
type Claim = z.infer<typeof claimSchema>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface ClaimOptions {
  readonly nats: NatsBus;
  readonly room: string;
  readonly id: PeerId;
  readonly epoch: number;
}

/** Our claim to our id. */
export class IdClaim {
  readonly #options: ClaimOptions;
  readonly #subject: string;
  #granted = false;

  constructor(options: ClaimOptions) {
    this.#options = options;
    this.#subject = subjectOf({ room: options.room, from: options.id, to: options.id, kind: KIND });
  }

  /** Answers who claims our id from now on. The function returned ends that. */
  defend(): () => void {
    const { nats } = this.#options;
    return nats.subscribe(this.#subject, (_subject, bytes, reply) => this.#answer(bytes, reply));
  }

  /** Whether the id is ours. Nobody else subscribed: it is, and the server says so at once. An answer means that it is taken. */
  async ask(): Promise<boolean> {
    const { nats, epoch } = this.#options;
    // Of two who ask at once each must hear the other. Our subscription stands by then: the server takes what we send it in order.
    const { outcome } = await nats.request(this.#subject, encode({ epoch }), DELAYS.claimTimeout);
    this.#granted = outcome !== 'reply';
    return this.#granted;
  }

  /** Only who has the better right answers, so that one answer decides: who has joined, or else who started first. */
  #answer(bytes: Uint8Array, reply: string | undefined): void {
    const { nats, epoch } = this.#options;
    const claim = decode(bytes);
    if (reply === undefined || claim === undefined) return;
    if (this.#granted || epoch < claim.epoch) nats.publish(reply, encode({ epoch }));
  }
}

function encode(claim: Claim): Uint8Array {
  return encoder.encode(JSON.stringify(claim));
}

function decode(bytes: Uint8Array): Claim | undefined {
  try {
    return claimSchema.safeParse(JSON.parse(decoder.decode(bytes))).data;
  } catch {
    return undefined;
  }
}
