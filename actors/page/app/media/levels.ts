/** How loud the own microphone and the others are. Levels are kept out of the state: they change ten times a second. */
import { signal } from '@preact/signals';
import { hear, type Loudness, MutedTalk } from '../state/speaking.ts';
import type { Slot } from './connection.ts';

/** Often enough for a ring that follows speech, and little work with 25 voices. */
const EVERY_MS = 150;
/** Samples of the analyser: 43 ms at 48 kHz. */
const WINDOW = 2_048;
export const OWN = '';

export interface LevelSource {
  /** Peers by slot; null: nobody is heard there. */
  readonly peers: () => readonly (string | null)[];
  readonly slots: () => readonly Slot[];
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
  readonly #samples = new Float32Array(WINDOW);

  constructor(source: LevelSource) {
    this.#source = source;
    setInterval(() => this.#measure(), EVERY_MS);
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

  #measure(): void {
    const now = performance.now();
    const level = this.#ownLevel();
    // Steps of a hundredth are finer than a meter shows; silence then draws nothing.
    this.own.value = Math.round(100 * level) / 100;
    const isHeard = this.#source.isHeard();
    this.mutedTalk.value = this.#muted.hear(level, !isHeard && this.#input !== null, now);
    const speaking = new Set<string>();
    if (isHeard && hear(this.#loudness, OWN, level, now)) speaking.add(OWN);
    this.#hearOthers(speaking, now);
    if (!sameSet(speaking, this.speaking.peek())) this.speaking.value = speaking;
  }

  #hearOthers(speaking: Set<string>, now: number): void {
    const slots = this.#source.slots();
    let loudest = { peer: '', level: 0 };
    for (const [index, peer] of this.#source.peers().entries()) {
      const receiver = slots[index]?.audio;
      if (peer === null || receiver === undefined) continue;
      const level = levelOf(receiver);
      if (hear(this.#loudness, peer, level, now)) speaking.add(peer);
      if (level > loudest.level) loudest = { peer, level };
    }
    if (speaking.has(loudest.peer)) this.#source.onSpeaker(loudest.peer);
  }

  #ownLevel(): number {
    if (this.#analyser === null || this.#input === null) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / WINDOW;
    return Math.min(1, Math.sqrt(power));
  }
}

/** 0 to 1 (WebRTC, RTCRtpContributingSource.audioLevel). */
function levelOf(receiver: RTCRtpReceiver): number {
  return receiver.getSynchronizationSources()[0]?.audioLevel ?? 0;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}
