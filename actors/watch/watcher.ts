/**
 * Hears a room without being in it: its messages, and the transitions of those that tell them. It asks once for the profiles of
 * whoever is there, as a stranger that leaves again at once, and how the machines are.
 */
import type { SecretKey } from '../../infra/crypto/secret-key.ts';
import type { NatsBus } from '../../infra/nats/connection.ts';
import { encodeMessage, MAX_MESSAGE_BYTES, type Outgoing, type PeerId } from '../../machines/messages.ts';
import { ALL, parseSubject, subjectOf } from '../../machines/subjects.ts';
import { DELAYS } from '../../machines/timers.ts';
import { type RoomWire, roomWire } from '../bus/sealing/room-wire.ts';
import { ASK_KIND, CONTEXT_KIND, contextSchema, type InspectAsk, type InspectContext } from '../call/inspection.ts';
import { INSPECT_KIND, parseTransition } from '../call/inspector.ts';
import type { Heard } from '../room-picture/heard.ts';
import { tapBus } from './bus-tap.ts';

export interface WatcherOptions {
  readonly nats: NatsBus;
  readonly room: string;
  /** Of the room's door; null: it stands open. */
  readonly roomKey: SecretKey | null;
  /** Ours on the bus; no member's. */
  readonly id: string;
  readonly onHeard: (heard: Heard) => void;
  readonly onContext: (peer: PeerId, told: InspectContext) => void;
}

/** Answers of a room of many come within this, in ms; then those that met us as a stranger may forget us. */
const ANSWERS_MS = 2 * DELAYS.answerWindow;
/** What one has not told, it is asked for no sooner again, in ms. */
const ASK_AGAIN_MS = 5000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Watcher {
  readonly #options: WatcherOptions;
  readonly #wire: RoomWire;
  readonly #stops: (() => void)[] = [];
  readonly #epoch = Date.now() * 1000;
  readonly #askedMs = new Map<PeerId, number>();
  #seq = 0;
  #parting: NodeJS.Timeout | undefined;

  constructor(options: WatcherOptions) {
    this.#options = options;
    const { nats, room, roomKey, id, onHeard } = options;
    const wire = roomWire(nats, roomKey);
    this.#wire = wire;
    const machines = subjectOf({ room, from: '*', to: '*', kind: INSPECT_KIND });
    const contexts = subjectOf({ room, from: '*', to: id, kind: CONTEXT_KIND });
    this.#stops.push(
      tapBus(wire, room, ({ at: atMs, from, to, message }) => {
        if (from !== id) onHeard({ type: 'message', atMs, to, message });
      }),
      wire.subscribe(machines, (subject, bytes) => this.#takeTransition(subject, bytes)),
      wire.subscribe(contexts, (subject, bytes) => this.#takeContext(subject, bytes)),
      nats.onStatus(({ state }) => {
        if (state !== 'connected' && state !== 'disconnected') return;
        onHeard({ type: 'bus', atMs: Date.now(), connected: state === 'connected' });
        if (state === 'connected') this.askAll();
      }),
    );
  }

  /** What the room is now: as if we had been here before. */
  askAll(): void {
    this.#publish(ALL, { kind: 'profile.ask', body: {} });
    this.#ask(ALL, { machine: null });
    this.#partSoon();
  }

  /** Asks a member whose profile we lack, once in a while. */
  askFor(peer: PeerId): void {
    const nowMs = Date.now();
    if (nowMs - (this.#askedMs.get(peer) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_MS) return;
    if (this.#askedMs.size >= MAX_ASKED) this.#askedMs.clear();
    this.#askedMs.set(peer, nowMs);
    this.#publish(peer, { kind: 'profile.ask', body: {} });
    this.#partSoon();
  }

  /** What a machine of a peer remembers; told to `onContext`, unless the peer does not tell. */
  askContext(peer: PeerId, machine: string): void {
    this.#ask(peer, { machine });
  }

  stop(): void {
    clearTimeout(this.#parting);
    for (const stop of this.#stops.splice(0)) stop();
  }

  #partSoon(): void {
    this.#parting ??= setTimeout(() => {
      this.#parting = undefined;
      this.#publish(ALL, { kind: 'bye', body: { reason: 'left' } });
    }, ANSWERS_MS);
  }

  #publish(to: string, message: Outgoing): void {
    const { room, id } = this.#options;
    this.#seq += 1;
    const text = encodeMessage(message, this.#epoch, this.#seq);
    this.#wire.publish(subjectOf({ room, from: id, to, kind: message.kind }), encoder.encode(text));
  }

  #ask(to: string, ask: InspectAsk): void {
    const { room, id } = this.#options;
    this.#wire.publish(subjectOf({ room, from: id, to, kind: ASK_KIND }), encoder.encode(JSON.stringify(ask)));
  }

  #takeTransition(subject: string, bytes: Uint8Array): void {
    const from = parseSubject(subject)?.from;
    const transition = bytes.length > MAX_MESSAGE_BYTES ? undefined : parseTransition(decoder.decode(bytes));
    if (from === undefined || transition === undefined) return;
    this.#options.onHeard({ type: 'transition', atMs: Date.now(), from, transition });
  }

  #takeContext(subject: string, bytes: Uint8Array): void {
    const from = parseSubject(subject)?.from;
    const told = bytes.length > MAX_MESSAGE_BYTES ? undefined : readContext(decoder.decode(bytes));
    if (from !== undefined && told !== undefined) this.#options.onContext(from, told);
  }
}

/** Peers come and go under ever new names. */
const MAX_ASKED = 512;

function readContext(text: string): InspectContext | undefined {
  try {
    return contextSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
