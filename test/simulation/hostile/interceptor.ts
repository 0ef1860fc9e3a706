/**
 * Somebody who sees all that goes over the bus and writes under any subject, as the server can, or a member where the server lets all write
 * what they like: it forges, repeats, cuts, changes and redirects messages. Who has a key of the room besides is a member.
 */
import type { Keys } from '../../../actors/bus/sealing/contract.ts';
import { LOCKED, SIGNED } from '../../../actors/bus/sealing/envelope.ts';
import { Sealer } from '../../../actors/bus/sealing/sealer.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { type Address, ALL, subjectOf } from '../../../machines/subjects.ts';
import { bytesOf, type Carried } from '../world/bus/bus.ts';
import type { Random } from '../world/random.ts';

/** What it has seen last. */
const REMEMBERED = 256;
const PAUSE_MS = [5, 60] as const;
/** A process that starts later, or never. */
const MOST_LATER_MS = 2000;
/** A number that no process comes to. */
const FAR_AHEAD = 100_000;
/** What a message is turned into. */
const KINDS = ['profile', 'invite', 'bye', 'beat', 'answer', 'relay.release', 'media.keys', 'prove'] as const;

type Attack = () => Carried | undefined;

interface Process {
  readonly id: PeerId;
  readonly epoch: number;
}

export interface InterceptorOptions {
  readonly random: Random;
  /** Its own key, and that of the room where it is a member. */
  readonly keys: Pick<Keys, 'identity' | 'room'>;
  /** Whom it may pretend to be, and to whom it may speak. */
  readonly as: () => readonly Process[];
  readonly to: () => readonly Process[];
}

export class Interceptor {
  readonly #options: InterceptorOptions;
  readonly #random: Random;
  readonly #sealer: Sealer;
  readonly #seen: Carried[] = [];
  #seq = 0;

  constructor(options: InterceptorOptions) {
    this.#options = options;
    this.#random = options.random;
    this.#sealer = new Sealer(options.keys);
  }

  pauseMs(): number {
    return this.#random.between(...PAUSE_MS);
  }

  sees(carried: Carried): void {
    this.#seen.push(carried);
    if (this.#seen.length > REMEMBERED) this.#seen.shift();
  }

  /** What it writes now; undefined: it has nothing to write. */
  attack(): Carried | undefined {
    const attacks: readonly Attack[] = [
      () => this.#one(),
      () => this.#changed(),
      () => this.#cut(),
      () => this.#swapped(),
      () => this.#redirected(),
      () => this.#forged(true),
      () => this.#forged(false),
      () => this.#resealed((content) => content),
      () => this.#resealed((content) => this.#renumbered(content)),
    ];
    return this.#random.pick(attacks)?.();
  }

  #one(): Carried | undefined {
    return this.#random.pick(this.#seen);
  }

  #changed(): Carried | undefined {
    const one = this.#one();
    if (one === undefined) return undefined;
    const payload = Uint8Array.from(bytesOf(one));
    const at = this.#random.integer(0, payload.length - 1);
    payload[at] = (payload[at] ?? 0) ^ (1 << this.#random.integer(0, 7));
    return { ...one, payload };
  }

  #cut(): Carried | undefined {
    const one = this.#one();
    if (one === undefined) return undefined;
    const bytes = bytesOf(one);
    return { ...one, payload: bytes.subarray(0, this.#random.integer(0, bytes.length - 1)) };
  }

  /** One message under the subject of another. */
  #swapped(): Carried | undefined {
    const [one, other] = [this.#one(), this.#one()];
    return one && other && { address: other.address, payload: one.payload };
  }

  #redirected(): Carried | undefined {
    const one = this.#one();
    const [from, to] = [this.#random.pick(this.#options.as())?.id, this.#random.pick(this.#options.to())?.id];
    if (one === undefined || from === undefined || to === undefined) return undefined;
    const changes: readonly Partial<Address>[] = [{ from }, { to }, { to: ALL }, { kind: this.#kind() }];
    return { ...one, address: { ...one.address, ...this.#random.pick(changes) } };
  }

  /** What it says as another, signed by itself or by nobody. */
  #forged(isSigned: boolean): Carried | undefined {
    const [as, whom] = [this.#random.pick(this.#options.as()), this.#random.pick(this.#options.to())];
    if (as === undefined || whom === undefined) return undefined;
    const text = this.#textOf(as.epoch);
    const to = this.#random.chance(0.5) ? ALL : whom.id;
    const address = { room: this.#seen[0]?.address.room ?? '', from: as.id, to, kind: this.#kind() };
    const { room } = this.#options.keys;
    const sealer = isSigned ? this.#sealer : new Sealer({ identity: null, room });
    return { address, payload: sealer.seal(address, text, to === ALL ? 0 : whom.epoch) };
  }

  /** What another has signed, under its subject or that of something else: where the room has a key, sealed anew by whoever has it. */
  #resealed(change: (content: Uint8Array) => Uint8Array): Carried | undefined {
    const [one, other] = [this.#one(), this.#one()];
    if (one === undefined || other === undefined) return undefined;
    const address = this.#random.chance(0.5) ? one.address : other.address;
    const { room } = this.#options.keys;
    const sealed = bytesOf(one);
    if (sealed[0] === SIGNED)
      return { address, payload: Buffer.concat([Uint8Array.of(SIGNED), change(sealed.subarray(1))]) };
    const content = room?.open(one.address.from, subjectOf(one.address), sealed.subarray(1));
    if (room === null || content === undefined) return undefined;
    return {
      address,
      payload: Buffer.concat([Uint8Array.of(LOCKED), room.seal(address.from, subjectOf(address), change(content))]),
    };
  }

  /** As if it were another message: under a number that has not been. */
  #renumbered(content: Uint8Array): Uint8Array {
    this.#seq += 1;
    const text = Buffer.from(content).toString('latin1');
    return Buffer.from(text.replace(/"seq":\d+/, `"seq":${FAR_AHEAD + this.#seq}`), 'latin1');
  }

  #kind(): string {
    return this.#random.pick(KINDS) ?? 'beat';
  }

  /** A text of this process of a member, or of a later one. */
  #textOf(epoch: number): string {
    this.#seq += 1;
    const ahead = this.#random.chance(0.5) ? 0 : this.#random.integer(1, MOST_LATER_MS);
    const head = { epoch: epoch + ahead, seq: this.#random.chance(0.5) ? this.#seq : FAR_AHEAD + this.#seq };
    return JSON.stringify({ ...head, profile: this.#seq });
  }
}
