/**
 * Which streams of others have stopped, though all else comes: whoever forwards them may forward them to everybody but us, and nobody
 * else would know. Whether their owner has paused we cannot tell: it is told, and knows. No clock of its own, no I/O.
 */
import type { PeerId } from '../messages.ts';
import { DELAYS } from '../timers.ts';
import { Pulse } from './pulse.ts';
import type { ExpectedStream } from './slice-watch.ts';

/** What passes between two checks beyond this, this process stood still. In ms. */
const MOST_LISTENED_MS = DELAYS.reportInterval;
/** Where nothing at all has come for so long it is the own line that is quiet. In ms. */
const OTHERS_MS = 1.5 * DELAYS.reportInterval;
/** An owner is told again, since what it is told may be lost, so often. */
const TELL_EVERY_MS = 50;
const MOST_TOLD = 8;

/** How far a receiver has come with a stream. */
export interface Reception {
  readonly ssrc: number;
  /** Of 16 bits. */
  readonly newest: number;
  /** For so long nothing has come since. */
  readonly quietMs: number;
}

/** To this owner: how far we have come with its streams, of which at least one has stopped. */
export interface Stopped {
  readonly owner: PeerId;
  readonly streams: readonly Reception[];
}

interface Watched {
  readonly owner: PeerId;
  readonly pulse: Pulse;
  /** Extended. */
  newest: number | undefined;
  /** For how long we have listened since it came last, and when that was. */
  vainMs: number;
  vainSinceMs: number;
}

export class StoppedStreams {
  readonly #streams = new Map<number, Watched>();
  readonly #told = new Map<PeerId, { atMs: number; times: number }>();
  #anyMs = 0;
  #checkedMs = 0;

  /** The streams that should come from now on; of those watched already it keeps what it knows. */
  watch(expected: readonly ExpectedStream[]): void {
    const owners = new Map(expected.map(({ ssrc, owner }) => [ssrc, owner]));
    for (const [ssrc, { owner }] of this.#streams) if (owners.get(ssrc) !== owner) this.#streams.delete(ssrc);
    for (const [ssrc, owner] of owners)
      if (!this.#streams.has(ssrc))
        this.#streams.set(ssrc, { owner, pulse: new Pulse(), newest: undefined, vainMs: 0, vainSinceMs: 0 });
    const all = new Set(owners.values());
    for (const owner of this.#told.keys()) if (!all.has(owner)) this.#told.delete(owner);
  }

  /** Anything has come of anybody. Cheap enough to be called for every packet. */
  heard(nowMs: number): void {
    this.#anyMs = nowMs;
  }

  /**
   * A packet of this stream has come, whichever way. Cheap enough to be called for every packet.
   *
   * @param sequence extended by the cycles before it
   */
  arrived(ssrc: number, sequence: number, nowMs: number): void {
    this.#anyMs = nowMs;
    const stream = this.#streams.get(ssrc);
    if (stream === undefined) return;
    stream.pulse.heard(nowMs);
    stream.newest = Math.max(stream.newest ?? sequence, sequence);
  }

  /** Whom to tell now. To be called every `reportInterval` or more often. */
  check(nowMs: number): Stopped[] {
    const passedMs = Math.min(nowMs - this.#checkedMs, MOST_LISTENED_MS);
    this.#checkedMs = nowMs;
    const listenedMs = nowMs - this.#anyMs > OTHERS_MS ? 0 : passedMs;
    const owners = new Set<PeerId>();
    for (const stream of this.#streams.values()) {
      const { pulse, owner } = stream;
      const isNew = stream.vainSinceMs !== pulse.heardMs;
      stream.vainMs = isNew ? Math.min(nowMs - pulse.heardMs, listenedMs) : stream.vainMs + listenedMs;
      stream.vainSinceMs = pulse.heardMs;
      if (stream.vainMs > pulse.patienceMs(nowMs, DELAYS.relayQuiet)) owners.add(owner);
    }
    for (const owner of this.#told.keys()) if (!owners.has(owner)) this.#told.delete(owner);
    return [...owners].filter((owner) => this.#mayTell(owner, nowMs)).map((owner) => this.#stoppedOf(owner, nowMs));
  }

  #mayTell(owner: PeerId, nowMs: number): boolean {
    const told = this.#told.get(owner) ?? { atMs: Number.NEGATIVE_INFINITY, times: 0 };
    if (told.times >= MOST_TOLD || nowMs - told.atMs < TELL_EVERY_MS) return false;
    this.#told.set(owner, { atMs: nowMs, times: told.times + 1 });
    return true;
  }

  #stoppedOf(owner: PeerId, nowMs: number): Stopped {
    const streams = [...this.#streams].flatMap(([ssrc, of]): Reception[] =>
      of.owner === owner && of.newest !== undefined
        ? [{ ssrc, newest: of.newest & 0xffff, quietMs: Math.round(nowMs - of.pulse.heardMs) }]
        : [],
    );
    return { owner, streams };
  }
}
