/**
 * The bus actor: the machines' messages over NATS. It keeps the envelope (epoch, sequence number), seals what goes out, opens what
 * comes in, hands on what {@link Hearing} lets through, counts what is dropped, and defends this peer's id against a second comer.
 */
import { fromCallback } from 'xstate';
import type { NatsBus } from '../../infra/nats/connection.ts';
import { Hearing, type HearingFault, type Room } from '../../machines/hearing/hearing.ts';
import { Urgent } from '../../machines/hearing/urgent.ts';
import {
  encodeMessage,
  KINDS,
  type Kind,
  MAX_MEMBERS,
  MAX_MESSAGE_BYTES,
  type Outgoing,
  type PeerId,
  SESSION_KINDS,
} from '../../machines/messages.ts';
import type { PeerEvent } from '../../machines/peer.ts';
import type { BusCommand } from '../../machines/ports.ts';
import { type Address, ALL, isKind, parseSubject, subjectOf } from '../../machines/subjects.ts';
import { backgroundClock } from '../clock.ts';
import { Alarm } from './alarm.ts';
import { IdClaim } from './claim.ts';
import type { Keys, SealFault } from './sealing/contract.ts';
import { ENVELOPE_BYTES } from './sealing/envelope.ts';
import { Opener } from './sealing/opener.ts';
import { Sealer } from './sealing/sealer.ts';

/**
 * Why a message was dropped: by its payload, by its subject (another room, no such kind, not a sender's id), because its sender
 * sends more than it may or does not prove that it said it, or, of ours, because the server takes none so large.
 */
export type BusFault = HearingFault | SealFault | 'bad-subject' | 'unsendable';

export interface BusOptions {
  readonly nats: NatsBus;
  readonly room: string;
  readonly id: PeerId;
  readonly epoch: number;
  /** A plain RTP endpoint does not even subscribe to what is RPR's own. */
  readonly compatible: boolean;
  readonly keys: Keys;
  /** Takes what is urgent to a member, too, by the media path; only members come into question. */
  readonly hasten?: (to: PeerId, kind: Kind, text: string) => void;
  /** What the machines know of the room now; undefined before they have started. */
  readonly view: () => Room | undefined;
  /** Told of the first message that is dropped of each sender for each reason. */
  readonly onFault: (fault: { readonly fault: BusFault; readonly subject: string; readonly detail: string }) => void;
}

/** Messages that have passed, by kind; for the status and for tests. */
export interface BusCounters {
  readonly sent: Readonly<Partial<Record<Kind, number>>>;
  readonly received: Readonly<Partial<Record<Kind, number>>>;
  readonly dropped: Readonly<Partial<Record<BusFault, number>>>;
}

type SendBack = (event: PeerEvent) => void;

/** Whoever drops more kinds of messages under ever new names is told of again after so many. */
const MAX_TOLD = 4 * MAX_MEMBERS;
const NOBODY: Room = { members: new Map() };

/** Senders whose dropped messages are counted apart: all that are heard. */
const MAX_COUNTED = 2 * MAX_MEMBERS;

/** Whoever has not shown yet that it is here is asked by the one and answers by the other; both prove it. No messages of the protocol. */
const PROVE = 'prove';
const PROOF = 'proof';

/** The bus of one peer: give {@link Bus.logic} to the root machine as its `bus`. */
export class Bus {
  readonly #options: BusOptions;
  readonly #hearing: Hearing;
  readonly #urgent = new Urgent();
  readonly #claim: IdClaim;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  readonly #sent: Partial<Record<Kind, number>> = {};
  readonly #received: Partial<Record<Kind, number>> = {};
  readonly #dropped: Partial<Record<BusFault, number>> = {};
  readonly #droppedOf = new Map<PeerId, number>();
  /** Of whom and why it has been told that messages are dropped. */
  readonly #told = new Set<string>();
  #seq = 0;
  #hurried: (kind: Kind, from: PeerId, text: string) => void = () => undefined;

  constructor(options: BusOptions) {
    this.#options = options;
    this.#hearing = new Hearing(options);
    this.#sealer = new Sealer(options.keys);
    this.#opener = new Opener(options.keys, options);
    this.#claim = new IdClaim({ ...options, sealer: this.#sealer, opener: this.#opener });
  }

  readonly logic = fromCallback<BusCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
    const { nats } = this.#options;
    const alarm: Alarm = new Alarm(backgroundClock, () => {
      for (const event of this.#hearing.check(this.#room(), backgroundClock.now())) sendBack(event);
      alarm.set(this.#hearing.dueMs);
    });
    this.#hurried = (kind, from, text) => {
      this.#hear({ kind, from, text, alone: true }, `${kind} of ${from} by the media path`, sendBack);
      alarm.set(this.#hearing.dueMs);
    };
    this.#claim.defend();
    const unsubscribe = [
      ...this.#subjects().map((subject) =>
        nats.subscribe(subject, (from, bytes) => {
          this.#take(from, bytes, sendBack);
          alarm.set(this.#hearing.dueMs);
        }),
      ),
      () => this.#claim.release(),
      nats.onStatus(({ state }) => {
        if (state === 'connected') {
          this.#hearing.connected(this.#room(), backgroundClock.now());
          alarm.set(this.#hearing.dueMs);
          sendBack({ type: 'bus.connected' });
        } else if (state === 'disconnected') {
          this.#hearing.disconnected();
          sendBack({ type: 'bus.disconnected' });
        }
      }),
    ];
    receive((command) => {
      if (command.type === 'bus.claim') void this.#ask(sendBack);
      else this.#publish(command.to, command.message, command.urgent);
    });
    return () => {
      alarm.stop();
      this.#hurried = () => undefined;
      for (const stop of unsubscribe) stop();
    };
  });

  /** A text has come by the media path, of a member that has proved with the key of its pair that it wrote it. */
  takeHurried(kind: string, from: PeerId, text: string): void {
    if (isKind(kind) && this.#urgent.came(from, kind, backgroundClock.now())) this.#hurried(kind, from, text);
  }

  /** Claims our id before we join: it is ours until {@link release}. */
  claimEarly(): void {
    this.#claim.askEarly();
  }

  /** Gives up the id of a peer that has never joined, too. */
  release(): void {
    this.#claim.release();
  }

  counters(): BusCounters {
    return { sent: { ...this.#sent }, received: { ...this.#received }, dropped: { ...this.#dropped } };
  }

  /** How many messages of each sender, as subjects name it, were dropped. */
  get droppedOf(): ReadonlyMap<PeerId, number> {
    return this.#droppedOf;
  }

  /** The Ed25519 key (base64url) by which this process of a member has proved itself; null: by none. */
  provenKey(id: PeerId, epoch: number): string | null {
    return this.#opener.provenKey(id, epoch);
  }

  #room(): Room {
    return this.#options.view() ?? NOBODY;
  }

  #subjects(): string[] {
    const { room, id, compatible } = this.#options;
    const kinds = compatible ? KINDS : SESSION_KINDS;
    const said = [id, ALL].flatMap((to) => kinds.map((kind) => subjectOf({ room, from: '*', to, kind })));
    return [...said, ...[PROVE, PROOF].map((kind) => subjectOf({ room, from: '*', to: id, kind }))];
  }

  #publish(to: PeerId | typeof ALL, message: Outgoing, isUrgent = false): void {
    const { epoch } = this.#options;
    this.#seq += 1;
    const text = encodeMessage(message, epoch, this.#seq);
    if (to !== ALL && this.#urgent.goesBothWays(to, message.kind, isUrgent, backgroundClock.now()))
      this.#options.hasten?.(to, message.kind, text);
    if (!this.#send(to, message.kind, text)) return;
    count(this.#sent, message.kind);
    this.#hearing.said(message);
  }

  /** A question whether somebody is here, or our answer to it. */
  #prove(to: PeerId, kind: typeof PROVE | typeof PROOF): void {
    this.#seq += 1;
    this.#send(to, kind, JSON.stringify({ epoch: this.#options.epoch, seq: this.#seq }));
  }

  #send(to: PeerId | typeof ALL, kind: string, text: string): boolean {
    const { nats, room, id } = this.#options;
    const address: Address = { room, from: id, to, kind };
    const bytes = this.#sealer.seal(address, text, to === ALL ? 0 : this.#opener.epochOf(to));
    const subject = subjectOf(address);
    if (bytes.length > nats.maxPayloadBytes) {
      this.#drop('unsendable', id, subject, `${bytes.length} bytes, the server takes ${nats.maxPayloadBytes}`);
      return false;
    }
    nats.publish(subject, bytes);
    return true;
  }

  #take(subject: string, bytes: Uint8Array, sendBack: SendBack): void {
    const { room } = this.#options;
    const address = parseSubject(subject);
    if (address === undefined || address.room !== room || !isHeard(address.kind)) {
      this.#drop(
        'bad-subject',
        address?.from ?? subject,
        subject,
        `not of room ${room}, or not a message of this protocol`,
      );
      return;
    }
    const { kind, from, to } = address;
    if (bytes.length > MAX_MESSAGE_BYTES + ENVELOPE_BYTES) {
      this.#drop('oversized', from, subject, `${bytes.length} bytes, at most ${MAX_MESSAGE_BYTES}`);
      return;
    }
    const nowMs = backgroundClock.now();
    const opened = this.#opener.open(address, bytes, nowMs);
    if (opened.ask) this.#prove(from, PROVE);
    if ('fault' in opened) this.#drop(opened.fault, from, subject, opened.detail);
    else if (isKind(kind)) this.#hear({ kind, from, text: opened.text, alone: to !== ALL }, subject, sendBack);
    else if (kind === PROVE && this.#opener.mayAnswer(from, nowMs)) this.#prove(from, PROOF);
  }

  #hear(arrival: Parameters<Hearing['take']>[0], subject: string, sendBack: SendBack): void {
    const { kind, from } = arrival;
    const { events, publish, fault } = this.#hearing.take(arrival, this.#room(), backgroundClock.now());
    if (fault === undefined) count(this.#received, kind);
    else this.#drop(fault.fault, from, subject, fault.detail);
    if (publish !== undefined) this.#publish(ALL, publish);
    for (const event of events) sendBack(event);
  }

  #drop(fault: BusFault, sender: string, subject: string, detail: string): void {
    count(this.#dropped, fault);
    const before = this.#droppedOf.get(sender);
    if (before !== undefined || this.#droppedOf.size < MAX_COUNTED) this.#droppedOf.set(sender, (before ?? 0) + 1);
    const key = `${fault} ${sender}`;
    if (this.#told.has(key)) return;
    if (this.#told.size >= MAX_TOLD) this.#told.clear();
    this.#told.add(key);
    this.#options.onFault({ fault, subject, detail });
  }

  async #ask(sendBack: SendBack): Promise<void> {
    sendBack({ type: (await this.#claim.ask()) ? 'claim.free' : 'claim.taken' });
  }
}

function isHeard(kind: string): boolean {
  return isKind(kind) || kind === PROVE || kind === PROOF;
}

function count<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
