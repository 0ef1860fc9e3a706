/**
 * The picture that a phone gets: one endless stream with one SSRC, whoever is shown in it. Phones break at anything else than this:
 * another source begins with its key frame, and after the last packet of a frame of the one before, with the numbers and timestamps
 * that go on. Until then the one before stays. Pure: time is given.
 */
import { PICTURE_CLOCK_RATE } from '../../../infra/codec/codec.ts';
import { readMarker, readSequence, readSsrc, readTimestamp } from '../../../infra/rtp/header.ts';
import { Lateness } from '../../../infra/rtp/lateness.ts';
import { writePayloadType, writeSsrc } from '../../../infra/rtp/write.ts';
import type { RemoteStream } from '../../sink/contract.ts';
import { GapWatch, KeyFrameWish, mayBegin } from '../../sink/picture-start.ts';
import { ShownStream } from '../../sink/shown-stream.ts';

/** Pictures come more often than this, in ms: a source that is silent for longer ends in no marker. */
const SILENCE_MS = 250;
/** How long a key frame waits for the end of a frame before it, in ms: two frames. */
const HELD_MS = 80;
/** Packets of a key frame that waits. */
const MOST_HELD = 256;

export interface PictureHooks {
  readonly send: (packet: Uint8Array) => void;
  /** @returns false: no such stream comes */
  readonly requestKeyFrame: (stream: RemoteStream) => boolean;
  readonly onShown: (stream: RemoteStream) => void;
}

export class PictureSwitch {
  readonly #ssrc: number;
  /** May change in mid-stream: what the phone calls its format. */
  payloadType: number;
  readonly #hooks: PictureHooks;
  readonly #stream = new ShownStream(PICTURE_CLOCK_RATE);
  readonly #gaps = new GapWatch();
  readonly #wish = new KeyFrameWish();
  #shown: RemoteStream | null = null;
  #aim: RemoteStream | null = null;
  /** The newest packet that was sent ended a frame. */
  #isWhole = true;
  #shownMs = Number.NEGATIVE_INFINITY;
  /** Of what is aimed at, from its key frame on. */
  #held: Uint8Array[] = [];
  #heldMs = 0;
  /** When the first of it would have come if it had waited nowhere: key frames are large. */
  #heldDueMs = 0;
  #approaching = new Lateness({ clockRate: PICTURE_CLOCK_RATE });

  constructor(ssrc: number, payloadType: number, hooks: PictureHooks) {
    this.#ssrc = ssrc;
    this.payloadType = payloadType;
    this.#hooks = hooks;
  }

  get shown(): RemoteStream | null {
    return this.#shown;
  }

  /** What is shown, and what takes over; the same where nothing does. */
  get wanted(): readonly (RemoteStream | null)[] {
    return [this.#shown, this.#aim];
  }

  /** Shows this as soon as it can begin; null: what is shown goes on. */
  aim(stream: RemoteStream | null, nowMs: number): void {
    if (stream?.ssrc === this.#aim?.ssrc) return;
    this.#aim = stream;
    this.#held = [];
    this.#approaching = new Lateness({ clockRate: PICTURE_CLOCK_RATE });
    if (stream !== null && stream.ssrc !== this.#shown?.ssrc) this.#ask(stream, nowMs);
  }

  deliver(packet: Uint8Array, nowMs: number): void {
    const ssrc = readSsrc(packet);
    if (ssrc === this.#shown?.ssrc) this.#show(packet, this.#shown, nowMs);
    else if (ssrc === this.#aim?.ssrc) this.#approach(packet, this.#aim, nowMs);
    if (this.#held.length > 0 && this.#mayTakeOver(nowMs)) this.#takeOver(nowMs);
  }

  /** The phone cannot go on without a key frame. */
  pictureLost(nowMs: number): void {
    const stream = this.#shown ?? this.#aim;
    if (stream !== null && this.#wish.isDue(nowMs)) this.#ask(stream, nowMs);
  }

  #approach(packet: Uint8Array, stream: RemoteStream, nowMs: number): void {
    const lateMs = this.#approaching.take(readTimestamp(packet), nowMs);
    if (this.#held.length >= MOST_HELD) this.#held = [];
    if (this.#held.length === 0) {
      if (!mayBegin(stream, packet)) {
        if (this.#wish.isDue(nowMs)) this.#ask(stream, nowMs);
        return;
      }
      this.#heldMs = nowMs;
      this.#heldDueMs = nowMs - lateMs;
    }
    this.#held.push(new Uint8Array(packet));
  }

  #mayTakeOver(nowMs: number): boolean {
    return this.#isWhole || nowMs - this.#shownMs >= SILENCE_MS || nowMs - this.#heldMs >= HELD_MS;
  }

  #takeOver(nowMs: number): void {
    if (this.#aim === null) return;
    this.#shown = this.#aim;
    this.#stream.interrupt();
    const held = this.#held;
    this.#held = [];
    for (const packet of held) this.#show(packet, this.#shown, nowMs, this.#heldDueMs);
    this.#hooks.onShown(this.#shown);
  }

  #show(packet: Uint8Array, stream: RemoteStream, nowMs: number, dueMs = nowMs): void {
    const copy = this.#stream.take(packet, nowMs, dueMs);
    const marker = readMarker(copy);
    writeSsrc(copy, this.#ssrc);
    writePayloadType(copy, this.payloadType, marker);
    this.#isWhole = marker;
    this.#shownMs = nowMs;
    const sequence = readSequence(copy);
    if (mayBegin(stream, packet)) {
      this.#gaps.begin(sequence);
      this.#wish.answered();
    }
    this.#gaps.shown(sequence, nowMs);
    this.#hooks.send(copy);
    if (this.#gaps.isOpen(nowMs)) this.pictureLost(nowMs);
  }

  #ask(stream: RemoteStream, nowMs: number): void {
    if (this.#hooks.requestKeyFrame(stream)) this.#wish.asked(nowMs);
  }
}
