/** The script's end of `actors/call/control.ts`: it tells peers what to do and asks them what they saw. */
import { type Command, command, type News, onNews, type PeerReport } from '../../../actors/call/control.ts';
import type { NatsBus } from '../../../infra/nats/connection.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Snapshot, StreamWindow } from '../judging/delivery.ts';
import { within } from './deadline.ts';
import { ScenarioError } from './errors.ts';

/** The script's own id in the room. It is no member: it sends none of the protocol's messages. */
export const SCRIPT_ID = 'script';

/** A peer on a machine that is very busy may take this long to start, in ms. */
const READY_MS = 60_000;
/** And this long to answer, in ms. */
const ANSWER_MS = 5_000;

export interface Question {
  readonly windows?: readonly StreamWindow[];
  /** ms since the Unix epoch. */
  readonly gapsSince?: number;
}

export type LineReport = Extract<News, { kind: 'control.line' }>['body'];

interface Open {
  readonly request: number;
  readonly missing: Set<PeerId>;
  readonly answers: Map<PeerId, PeerReport>;
  readonly done: () => void;
}

export class Script implements Disposable {
  readonly #nats: NatsBus;
  readonly #room: string;
  readonly #signal: AbortSignal;
  readonly #ready = new Set<PeerId>();
  readonly #onReady = new Map<PeerId, () => void>();
  readonly #open = new Set<Open>();
  readonly #openLines = new Map<number, (line: LineReport) => void>();
  readonly #stop: () => void;
  #asked = 0;

  /** @param signal ends every wait, with its reason */
  constructor(nats: NatsBus, room: string, signal: AbortSignal) {
    this.#nats = nats;
    this.#room = room;
    this.#signal = signal;
    this.#stop = onNews({ nats, room, controller: SCRIPT_ID }, (from, news) => this.#take(from, news));
  }

  /**
   * Resolves when the peer waits for its word to join.
   *
   * @throws {ScenarioError} `peer.mute`
   */
  async ready(peer: PeerId): Promise<void> {
    if (this.#ready.has(peer)) return;
    const ready = new Promise<void>((resolve) => this.#onReady.set(peer, resolve));
    await this.#within(READY_MS, ready, () => `${peer} did not start within ${READY_MS / 1000} s.`);
  }

  tell(peer: PeerId, order: Command): void {
    command({ nats: this.#nats, room: this.#room, controller: SCRIPT_ID, peer }, order);
  }

  /**
   * Asks all of `peers` at once.
   *
   * @throws {ScenarioError} `peer.mute`
   */
  async ask(peers: Iterable<PeerId>, { windows = [], gapsSince }: Question = {}): Promise<Snapshot> {
    const missing = new Set(peers);
    if (missing.size === 0) return new Map();
    this.#asked += 1;
    const request = this.#asked;
    const body = { request, windows: [...windows], gapsSince: gapsSince ?? null };
    const answers = new Map<PeerId, PeerReport>();
    const order = [...missing];
    const answered = new Promise<void>((done) => this.#open.add({ request, missing, answers, done }));
    for (const peer of order) this.tell(peer, { kind: 'control.ask', body });
    await this.#within(ANSWER_MS, answered, () => `${[...missing].join(', ')} did not answer the script.`);
    return new Map(order.flatMap((peer) => entryOf(answers, peer)));
  }

  /**
   * What a peer knows of its line.
   *
   * @throws {ScenarioError} `peer.mute`
   */
  async askLine(peer: PeerId): Promise<LineReport> {
    this.#asked += 1;
    const request = this.#asked;
    const answered = new Promise<LineReport>((resolve) => this.#openLines.set(request, resolve));
    this.tell(peer, { kind: 'control.line', body: { request } });
    return this.#within(ANSWER_MS, answered, () => `${peer} did not answer the script.`);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #take(from: PeerId, news: News): void {
    if (news.kind === 'control.ready') {
      this.#ready.add(from);
      this.#onReady.get(from)?.();
      return;
    }
    if (news.kind === 'control.line') {
      this.#openLines.get(news.body.request)?.(news.body);
      this.#openLines.delete(news.body.request);
      return;
    }
    for (const open of this.#open) {
      if (open.request !== news.body.request || !open.missing.delete(from)) continue;
      open.answers.set(from, news.body);
      if (open.missing.size > 0) continue;
      this.#open.delete(open);
      open.done();
    }
  }

  #within<T>(ms: number, work: Promise<T>, complaint: () => string): Promise<T> {
    return within(this.#signal, ms, work, () => new ScenarioError('peer.mute', complaint()));
  }
}

function entryOf<K, V>(map: ReadonlyMap<K, V>, key: K): [K, V][] {
  const value = map.get(key);
  return value === undefined ? [] : [[key, value]];
}
