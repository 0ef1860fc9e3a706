/** How loud the own microphone and the others are. Levels are kept out of the state: they change ten times a second. */
import { signal } from '@preact/signals';
import { hear, type Loudness, MutedTalk } from '../state/speaking.ts';

/** Often enough for a meter that follows speech. */
const EVERY_MS = 100;
/** Others' levels are statistics of the whole connection: a millisecond of work each time. */
const OTHERS_EVERY_MS = 300;
/** Statistics that take so long do not come any more: their connection went. */
const LOST_MS = 10_000;
/** Samples of the analyser: 43 ms at 48 kHz. */
const WINDOW = 2_048;
export const OWN = '';

export interface LevelSource {
  /** Peers by slot; null: nobody is heard there. */
  readonly peers: () => readonly (string | null)[];
  /** Loudness by slot, 0 to 1. Header extensions with levels do not come through relays, so that statistics tell. */
  readonly levels: () => Promise<readonly number[]>;
  readonly isHeard: () => boolean;
  readonly onSpeaker: (peer: string) => void;
}

export class Levels {
  /** 0 to 1, of the own microphone, muted or not. */
  readonly own = signal(0);
  /** Peers that speak, and `OWN`. */
  readonly speaking = signal<ReadonlySet<string>>(new Set());
  readonly mutedTalk = signal(false);
  readonly #source: LevelSource;
  readonly #loudness: Loudness = new Map();
  readonly #muted = new MutedTalk();
  #analyser: AnalyserNode | null = null;
  #input: MediaStreamAudioSourceNode | null = null;
  #context: AudioContext | null = null;
  /** Since when statistics are on their way; null: none are. A browser that is short of time would gather more and more of them. */
  #askedMs: number | null = null;
  readonly #samples = new Float32Array(WINDOW);

  constructor(source: LevelSource) {
    this.#source = source;
    setInterval(() => this.#hearOwn(), EVERY_MS);
    setInterval(() => void this.#hearOthers(), OTHERS_EVERY_MS);
  }

  /** @param track of the microphone as it is, before muting; null: there is none */
  listen(track: MediaStreamTrack | null): void {
    this.#input?.disconnect();
    this.#input = null;
    if (track === null) return;
    this.#context ??= new AudioContext();
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: WINDOW });
    this.#input = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#input.connect(this.#analyser);
    this.resume();
  }

  /** A context made before the first click may be held back (autoplay policy). */
  resume(): void {
    if (this.#context?.state === 'suspended') void this.#context.resume();
  }

  #hearOwn(): void {
    const now = performance.now();
    const level = this.#ownLevel();
    // Steps of a hundredth are finer than a meter shows; silence then draws nothing.
    this.own.value = Math.round(100 * level) / 100;
    const isHeard = this.#source.isHeard();
    this.mutedTalk.value = this.#muted.hear(level, !isHeard && this.#input !== null, now);
    this.#tell([OWN], isHeard && hear(this.#loudness, OWN, level, now) ? [OWN] : []);
  }

  async #hearOthers(): Promise<void> {
    const peers = this.#source.peers();
    const now = performance.now();
    const isWaiting = this.#askedMs !== null && now - this.#askedMs < LOST_MS;
    if (isWaiting || peers.every((peer) => peer === null)) return;
    this.#askedMs = now;
    const levels = await this.#source.levels().catch(() => []);
    this.#askedMs = null;
    this.#hear(peers, levels);
  }

  #hear(peers: readonly (string | null)[], levels: readonly number[]): void {
    const now = performance.now();
    const heard = peers.flatMap((peer, slot) => (peer === null ? [] : [{ peer, level: levels[slot] ?? 0 }]));
    const speaking = heard.filter(({ peer, level }) => hear(this.#loudness, peer, level, now));
    this.#tell(
      [...this.speaking.peek()].filter((who) => who !== OWN),
      speaking.map(({ peer }) => peer),
    );
    const loudest = speaking.reduce((most, each) => (each.level > most.level ? each : most), { peer: '', level: 0 });
    if (loudest.level > 0) this.#source.onSpeaker(loudest.peer);
  }

  /** @param before who is spoken of; @param now who of them speaks */
  #tell(before: readonly string[], now: readonly string[]): void {
    const others = [...this.speaking.peek()].filter((who) => !before.includes(who));
    const next = new Set([...others, ...now]);
    if (!sameSet(next, this.speaking.peek())) this.speaking.value = next;
  }

  #ownLevel(): number {
    if (this.#analyser === null || this.#input === null) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / WINDOW;
    return Math.min(1, Math.sqrt(power));
  }
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}
