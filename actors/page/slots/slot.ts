/**
 * One m-line on which the page receives: to the page it is one endless stream, with one SSRC and one numbering, whoever is shown in
 * it. Pictures begin with a key frame, also where a higher or lower layer takes over; until that comes, the layer before goes on.
 */
import { readMarker, readSequence, readSsrc } from '../../../infra/rtp/header.ts';
import { writePayloadType, writeSsrc } from '../../../infra/rtp/write.ts';
import type { ReceivedMedia } from '../../../infra/webrtc/contract.ts';
import type { RemoteStream } from '../../sink/contract.ts';
import { GapWatch, KeyFrameWish, mayBegin } from '../../sink/picture-start.ts';
import { ShownStream } from '../../sink/shown-stream.ts';
import { payloadTypeFor } from './playable.ts';
import { ResendBuffer } from './resend-buffer.ts';

/** A layer that was silent for so long, in ms, is not the one that we are sent: longer than a frame. */
const LAYER_SILENCE_MS = 250;

/** What a slot shows: a stream, or the layers of a group, of which one comes at a time. */
export interface SlotContent {
  /** The same for the same content, whatever SSRCs it has. */
  readonly key: string;
  readonly streams: readonly RemoteStream[];
}

export interface SlotHooks {
  readonly sendRtp: (packet: Uint8Array) => void;
  /** @returns false: no such stream comes, so that there is nobody to ask */
  readonly requestKeyFrame: (stream: RemoteStream) => boolean;
  /** Another source is shown from now on, by its SSRC: its sender report is wanted. */
  readonly onSource: (ssrc: number) => void;
}

interface Heard {
  readonly stream: RemoteStream;
  /** The page's for its format. */
  readonly payloadType: number;
  /** Its newest packet, in ms. */
  atMs: number;
  /** Since when it comes without a pause, in ms. */
  sinceMs: number;
}

export class Slot {
  readonly media: ReceivedMedia;
  readonly #hooks: SlotHooks;
  readonly #sent = new ResendBuffer();
  readonly #gaps = new GapWatch();
  readonly #wish = new KeyFrameWish();
  #shown: ShownStream | null = null;
  #key: string | null = null;
  /** What may be shown, by SSRC. */
  #heard = new Map<number, Heard>();
  /** What is shown; null: nothing yet. */
  #source: Heard | null = null;

  constructor(media: ReceivedMedia, hooks: SlotHooks) {
    this.media = media;
    this.#hooks = hooks;
  }

  /** SSRCs of what it may show. */
  get ssrcs(): Iterable<number> {
    return this.#heard.keys();
  }

  /** Whether the page has got something that it can begin with. */
  get hasBegun(): boolean {
    return this.#source !== null;
  }

  /**
   * Shows this from now on; null: nothing. The same content goes on, also under other SSRCs.
   *
   * @returns whether it is another one, which has to begin
   */
  show(content: SlotContent | null, nowMs: number): boolean {
    this.#heard = new Map(
      (content?.streams ?? []).flatMap((stream): [number, Heard][] => {
        const payloadType = payloadTypeFor(stream, this.media.formats);
        if (payloadType === undefined) return [];
        const { atMs, sinceMs } = this.#heard.get(stream.ssrc) ?? { atMs: Number.NEGATIVE_INFINITY, sinceMs: nowMs };
        return [[stream.ssrc, { stream, payloadType, atMs, sinceMs }]];
      }),
    );
    const goesOn = content !== null && content.key === this.#key;
    this.#key = content?.key ?? null;
    this.#source = (goesOn && this.#source && this.#heard.get(this.#source.stream.ssrc)) || null;
    if (!goesOn) this.#shown?.interrupt();
    return !goesOn && content !== null;
  }

  /** Asks for a key frame of all that may be shown: the page has nothing to begin with. */
  begin(nowMs: number): void {
    for (const heard of this.#heard.values()) this.#ask(heard, nowMs);
  }

  /** A packet of a stream that may be shown. It is copied if it is. */
  deliver(packet: Uint8Array, nowMs: number): void {
    const heard = this.#heard.get(readSsrc(packet));
    if (heard === undefined) return;
    if (nowMs - heard.atMs >= LAYER_SILENCE_MS) heard.sinceMs = nowMs;
    heard.atMs = nowMs;
    if (heard !== this.#source && !this.#takesOver(heard, packet, nowMs)) return;
    this.#send(packet, heard, nowMs);
    if (this.#gaps.isOpen(nowMs)) this.#askAgain(heard, nowMs);
  }

  /** The page misses these numbers. */
  sendAgain(sequences: readonly number[], nowMs: number): void {
    for (const sequence of sequences) {
      const packet = this.#sent.again(sequence, nowMs);
      if (packet !== undefined) this.#hooks.sendRtp(packet);
    }
  }

  /** The page cannot go on without a key frame. */
  pictureLost(nowMs: number): void {
    if (this.#source === null) this.begin(nowMs);
    else this.#askAgain(this.#source, nowMs);
  }

  /** A sender report of a source, as if of the slot; undefined for one that is not shown. */
  report(rtcp: Uint8Array): Uint8Array | undefined {
    const told = this.#shown?.report(rtcp);
    if (told !== undefined) new DataView(told.buffer, told.byteOffset).setUint32(REPORT_SSRC_AT, this.media.ssrc);
    return told;
  }

  #askAgain(heard: Heard, nowMs: number): void {
    if (this.#wish.isDue(nowMs)) this.#ask(heard, nowMs);
  }

  #ask({ stream }: Heard, nowMs: number): void {
    if (stream.media === 'video' && this.#hooks.requestKeyFrame(stream)) this.#wish.asked(nowMs);
  }

  /** Whether one that is not shown is shown from this packet on. */
  #takesOver(heard: Heard, packet: Uint8Array, nowMs: number): boolean {
    const shown = this.#source;
    const goesOn = shown !== null && nowMs - shown.atMs < LAYER_SILENCE_MS;
    // Of two that come, the one that began later is the one that we are moved to.
    if (goesOn && heard.sinceMs <= shown.sinceMs) return false;
    if (!mayBegin(heard.stream, packet)) {
      this.#askAgain(heard, nowMs);
      return false;
    }
    this.#source = heard;
    const { clockRate } = heard.stream.codec;
    if (this.#shown?.clockRate !== clockRate) this.#shown = new ShownStream(clockRate);
    return true;
  }

  #send(packet: Uint8Array, { payloadType, stream }: Heard, nowMs: number): void {
    if (this.#shown === null) return;
    const isOther = this.#shown.shift?.source !== stream.ssrc;
    const copy = this.#shown.take(packet, nowMs);
    writeSsrc(copy, this.media.ssrc);
    writePayloadType(copy, payloadType, readMarker(copy));
    const sequence = readSequence(copy);
    if (mayBegin(stream, packet)) {
      this.#gaps.begin(sequence);
      this.#wish.answered();
    }
    this.#gaps.shown(sequence, nowMs);
    this.#sent.sent(copy, nowMs);
    this.#hooks.sendRtp(copy);
    if (isOther) this.#hooks.onSource(stream.ssrc);
  }
}

/** Where a sender report has its SSRC (RFC 3550 section 6.4.1). */
const REPORT_SSRC_AT = 4;
