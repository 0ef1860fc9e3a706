/**
 * The bus actor: the machines' messages over NATS. It keeps the envelope (epoch, sequence number), drops and counts what
 * does not validate, holds back presences that say nothing new, gathers those that can wait, and defends this peer's id against
 * a second comer.
 */
import { fromCallback } from 'xstate';
import { z } from 'zod';
import type { NatsBus } from '../infra/nats/connection.ts';
import {
  decodeMessage,
  encodeMessage,
  KINDS,
  type Kind,
  MAX_MESSAGE_BYTES,
  type MessageFault,
  type PeerId,
  SESSION_KINDS,
} from '../machines/messages.ts';
import type { PeerEvent } from '../machines/peer.ts';
import type { BusCommand } from '../machines/ports.ts';
import { ALL, isKind, parseSubject, subjectOf } from '../machines/subjects.ts';
import { DELAYS } from '../machines/timers.ts';
import type { Clock } from './clock.ts';
import { Interval } from './interval.ts';
import { PresenceFilter, TELL_MS } from './presence-filter.ts';
import { PresenceGathering } from './presence-gathering.ts';

/** Why a message was dropped: by its payload, or by its subject (another room, no such kind, not a sender's id). */
export type BusFault = MessageFault | 'bad-subject';

export interface BusOptions {
  readonly nats: NatsBus;
  readonly room: string;
  readonly id: PeerId;
  readonly epoch: number;
  /** A plain RTP endpoint does not even subscribe to what is RPR's own. */
  readonly compatible: boolean;
  /** Told of every dropped message. */
  readonly onFault: (fault: { readonly fault: BusFault; readonly subject: string; readonly detail: string }) => void;
}

/** Messages that have passed, by kind; for the status and for tests. */
export interface BusCounters {
  readonly sent: Readonly<Partial<Record<Kind, number>>>;
  readonly received: Readonly<Partial<Record<Kind, number>>>;
  readonly dropped: Readonly<Partial<Record<BusFault, number>>>;
}

const CLAIM = 'claim';
const claimSchema = z.object({ epoch: z.int().min(0) });
type Claim = z.infer<typeof claimSchema>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is watched keeps the process alive, not the watching. */
const backgroundClock: Pick<Clock, 'after'> = {
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/** The bus of one peer: give {@link Bus.logic} to the root machine as its `bus`. */
export class Bus {
  readonly #options: BusOptions;
  readonly #sent: Partial<Record<Kind, number>> = {};
  readonly #received: Partial<Record<Kind, number>> = {};
  readonly #dropped: Partial<Record<BusFault, number>> = {};
  readonly #filter = new PresenceFilter(performance.now());
  #seq = 0;
  #joined = false;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  readonly logic = fromCallback<BusCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
    const { nats } = this.#options;
    const gathering = new PresenceGathering(backgroundClock, sendBack);
    const unsubscribe = [
      ...this.#subjects().map((subject) =>
        nats.subscribe(subject, (from, bytes) => this.#take(from, bytes, gathering)),
      ),
      nats.subscribe(this.#claimSubject(), (_subject, bytes, reply) => this.#defend(bytes, reply)),
      nats.onStatus(({ state }) => {
        if (state === 'connected') sendBack({ type: 'bus.connected' });
        if (state === 'disconnected') sendBack({ type: 'bus.disconnected' });
      }),
    ];
    receive((command) => {
      if (command.type === 'bus.claim') void this.#claim(sendBack);
      else this.#publish(command);
    });
    const telling = new Interval(TELL_MS, () => this.#tellHeard(sendBack));
    telling.run(true);
    return () => {
      telling.stop();
      gathering.end();
      for (const stop of unsubscribe) stop();
    };
  });

  counters(): BusCounters {
    return { sent: { ...this.#sent }, received: { ...this.#received }, dropped: { ...this.#dropped } };
  }

  #subjects(): string[] {
    const { room, id, compatible } = this.#options;
    const kinds = compatible ? KINDS : SESSION_KINDS;
    return [id, ALL].flatMap((to) => kinds.map((kind) => subjectOf({ room, from: '*', to, kind })));
  }

  #claimSubject(): string {
    const { room, id } = this.#options;
    return subjectOf({ room, from: id, to: id, kind: CLAIM });
  }

  #publish({ to, message }: Extract<BusCommand, { type: 'bus.publish' }>): void {
    const { nats, room, id, epoch } = this.#options;
    this.#seq += 1;
    const subject = subjectOf({ room, from: id, to, kind: message.kind });
    nats.publish(subject, encoder.encode(encodeMessage(message, epoch, this.#seq)));
    count(this.#sent, message.kind);
    this.#filter.said(to, message.kind, performance.now());
  }

  #take(subject: string, bytes: Uint8Array, gathering: PresenceGathering): void {
    const { room, id } = this.#options;
    const address = parseSubject(subject);
    if (address === undefined || address.room !== room || !isKind(address.kind)) {
      this.#drop('bad-subject', subject, `not of room ${room}, or not a message of this protocol`);
      return;
    }
    if (address.from === id) return;
    if (bytes.length > MAX_MESSAGE_BYTES) {
      this.#drop('oversized', subject, `${bytes.length} bytes, at most ${MAX_MESSAGE_BYTES}`);
      return;
    }
    const { kind, from } = address;
    const text = decoder.decode(bytes);
    const fate = this.#filter.fateOf(kind, from, text, performance.now());
    if (fate === 'held') {
      count(this.#received, kind);
      return;
    }
    const message = decodeMessage(kind, from, text);
    if ('fault' in message) {
      this.#filter.forget(from);
      this.#drop(message.fault, subject, message.detail);
      return;
    }
    count(this.#received, kind);
    if (fate === 'waits' && message.kind === 'presence') gathering.add(message);
    else gathering.pass(message);
  }

  #tellHeard(sendBack: (event: PeerEvent) => void): void {
    const heard = this.#filter.due(performance.now());
    if (heard.length > 0) sendBack({ type: 'members.heard', heard });
  }

  #drop(fault: BusFault, subject: string, detail: string): void {
    count(this.#dropped, fault);
    this.#options.onFault({ fault, subject, detail });
  }

  /** Nobody else subscribed: the id is free, and the server says so at once. An answer means that it is taken. */
  async #claim(sendBack: (event: PeerEvent) => void): Promise<void> {
    const { nats, epoch } = this.#options;
    // Our own subscription must stand before we ask: of two who ask at once, each must hear the other.
    await nats.flush();
    const { outcome } = await nats.request(this.#claimSubject(), encode({ epoch }), DELAYS.claimTimeout);
    this.#joined = outcome !== 'reply';
    sendBack({ type: this.#joined ? 'claim.free' : 'claim.taken' });
  }

  /** Only who has the better right answers, so that one answer decides: who has joined, or else who started first. */
  #defend(bytes: Uint8Array, reply: string | undefined): void {
    const { nats, epoch } = this.#options;
    const claim = decodeClaim(bytes);
    if (reply === undefined || claim === undefined) return;
    if (this.#joined || epoch < claim.epoch) nats.publish(reply, encode({ epoch }));
  }
}

function encode(claim: Claim): Uint8Array {
  return encoder.encode(JSON.stringify(claim));
}

function decodeClaim(bytes: Uint8Array): Claim | undefined {
  try {
    return claimSchema.safeParse(JSON.parse(decoder.decode(bytes))).data;
  } catch {
    return undefined;
  }
}

function count<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
