/**
 * When a slot of the page, or a phone, may begin to show a source, and when the one that it shows needs a key frame: a decoder can make
 * nothing of pictures whose key frame it has not got, or of which it misses some. Pure: time is given.
 */
import { showsKeyFrame, tellsKeyFrames } from '../../infra/codec/key-frame.ts';
import { nalFormatOf, nalUnitsIn } from '../../infra/codec/nal-units.ts';
import { payloadOf } from '../../infra/rtp/payload.ts';
import { isNewerSequence, nextSequence, sequenceDistance } from '../../infra/rtp/sequence.ts';
import type { RemoteStream } from './contract.ts';

/** A key frame that was asked for is on its way for so long, in ms: a round trip, and the encoder's delay. */
const ASKED_MS = 300;
/**
 * A machine that is short of time answers late, ffmpeg by itself or not at all: each time that none has come it is waited for twice as
 * long, up to this, in ms.
 */
const MOST_MS = 5000;
/** What is missing for so long, in ms, does not come any more. */
const GAP_MS = 200;
/** Numbers that are remembered as missing: more are as good as all. */
const MOST_MISSING = 256;

/** Whether a packet may be the first that is shown of its stream; also where nobody can tell. */
export function mayBegin({ media, codec }: RemoteStream, packet: Uint8Array): boolean {
  if (media === 'audio' || !tellsKeyFrames(codec.name)) return true;
  return showsKeyFrame(codec.name, packet) || holdsParameterSets(codec.name, packet);
}

/** They go before the key picture that needs them. */
function holdsParameterSets(codec: string, packet: Uint8Array): boolean {
  const format = nalFormatOf(codec);
  if (format === undefined) return false;
  for (const { type } of nalUnitsIn(payloadOf(packet) ?? new Uint8Array(), format)) {
    if (format.parameterSets.includes(type)) return true;
  }
  return false;
}

/** When a key frame was asked for, so that it is not asked for again too soon, nor for ever of what sends none on request. */
export class KeyFrameWish {
  #askedMs = Number.NEGATIVE_INFINITY;
  /** How often, since the last one came. */
  #asks = 0;

  isDue(nowMs: number): boolean {
    return nowMs - this.#askedMs >= Math.min(MOST_MS, ASKED_MS * 2 ** Math.max(0, this.#asks - 1));
  }

  asked(nowMs: number): void {
    this.#askedMs = nowMs;
    this.#asks++;
  }

  /** A key frame has come. */
  answered(): void {
    this.#asks = 0;
  }
}

/** Notices numbers that are missing among those that are shown. */
export class GapWatch {
  #newest: number | null = null;
  /** Since when, in ms; the oldest first. */
  readonly #missing = new Map<number, number>();

  /** Something begins with this number that needs nothing of what was before. */
  begin(sequence: number): void {
    this.#missing.clear();
    this.#newest = (sequence - 1) & 0xffff;
  }

  /** A packet with this number is shown. Cheap where none is missing. */
  shown(sequence: number, nowMs: number): void {
    const before = this.#newest ?? (sequence - 1) & 0xffff;
    if (!isNewerSequence(sequence, before)) {
      this.#missing.delete(sequence);
      return;
    }
    this.#newest = sequence;
    const lost = Math.min(sequenceDistance(before, sequence) - 1, MOST_MISSING - this.#missing.size);
    for (let number = nextSequence(before), left = lost; left > 0; number = nextSequence(number), left--) {
      this.#missing.set(number, nowMs);
    }
  }

  /** Whether something is missing that will not come any more. */
  isOpen(nowMs: number): boolean {
    for (const sinceMs of this.#missing.values()) return nowMs - sinceMs >= GAP_MS;
    return false;
  }
}
