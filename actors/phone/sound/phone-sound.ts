/**
 * What a phone hears. In G.711 everybody who speaks G.711 is mixed; any other codec, Opus above all, nobody here can decode: the one who
 * speaks is passed on as it is, in one stream that goes on. Pure: time is given.
 */
import { type Law, lawOf } from '../../../infra/codec/g711.ts';
import { RTP_HEADER_BYTES, readMarker, readSsrc } from '../../../infra/rtp/header.ts';
import { payloadOf } from '../../../infra/rtp/payload.ts';
import {
  writePayloadType,
  writePlainHeader,
  writeSequence,
  writeSsrc,
  writeTimestamp,
} from '../../../infra/rtp/write.ts';
import type { Format } from '../../../infra/sip/sdp/read.ts';
import { isSameFormat } from '../../../infra/sip/sdp/session.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { RemoteStream } from '../../sink/contract.ts';
import { ShownStream } from '../../sink/shown-stream.ts';
import { FRAME_SAMPLES, Mixer, SPEAKING } from './mixer.ts';
import { SpeakerChoice } from './speaker.ts';

/** How fast the size of packets is followed, which is all that is known of how loud a voice is that cannot be decoded. */
const FOLLOW = 0.05;
/** Bytes in a packet of 20 ms: silence has less. */
const SPEAKING_BYTES = 30;

export class PhoneSound {
  readonly #ssrc: number;
  readonly #format: Format;
  /** May change in mid-stream: what the phone calls its format. */
  payloadType: number;
  readonly #law: Law | undefined;
  readonly #send: (packet: Uint8Array) => void;
  readonly #mixer = new Mixer();
  readonly #speaker = new SpeakerChoice();
  readonly #passed: ShownStream;
  /** By SSRC: those that can be heard. */
  #voices = new Map<number, RemoteStream>();
  readonly #sizes = new Map<number, number>();
  #sequence = 0;
  #timestamp = 0;

  /** @param format what the phone decodes */
  constructor(ssrc: number, format: Format, send: (packet: Uint8Array) => void) {
    this.#ssrc = ssrc;
    this.#format = format;
    this.payloadType = format.payloadType;
    this.#law = lawOf(format.codec.name);
    this.#send = send;
    this.#passed = new ShownStream(format.codec.clockRate);
  }

  /** Who can be heard of these. */
  setStreams(streams: readonly RemoteStream[]): void {
    const heard = streams.filter(({ media, codec, fmtp }) => {
      if (media !== 'audio') return false;
      return this.#law === undefined ? isSameFormat({ codec, fmtp }, this.#format) : lawOf(codec.name) !== undefined;
    });
    this.#voices = new Map(heard.map((stream) => [stream.ssrc, stream]));
    const known = new Set(this.#voices.keys());
    this.#mixer.keepOnly(known);
    for (const ssrc of this.#sizes.keys()) if (!known.has(ssrc)) this.#sizes.delete(ssrc);
  }

  /** Who speaks, or spoke last; null: nobody has. */
  get speaker(): PeerId | null {
    const { ssrc } = this.#speaker;
    return ssrc === null ? null : (this.#voices.get(ssrc)?.peer ?? null);
  }

  deliver(packet: Uint8Array, nowMs: number): void {
    const voice = this.#voices.get(readSsrc(packet));
    const payload = payloadOf(packet);
    if (voice === undefined || payload === undefined) return;
    const law = lawOf(voice.codec.name);
    if (this.#law !== undefined && law !== undefined) this.#mixer.take(voice.ssrc, law, payload);
    else this.#pass(packet, voice.ssrc, payload.length, nowMs);
  }

  /** To be called each 20 ms. */
  tick(nowMs: number): void {
    if (this.#law === undefined) return;
    const payload = this.#mixer.frame(this.#law);
    this.#speaker.hear(this.#mixer.loudness(), SPEAKING, nowMs);
    const packet = new Uint8Array(RTP_HEADER_BYTES + payload.length);
    writePlainHeader(packet);
    writePayloadType(packet, this.payloadType, this.#sequence === 0);
    writeSequence(packet, this.#sequence);
    writeTimestamp(packet, this.#timestamp);
    writeSsrc(packet, this.#ssrc);
    packet.set(payload, RTP_HEADER_BYTES);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + FRAME_SAMPLES) >>> 0;
    this.#send(packet);
  }

  #pass(packet: Uint8Array, ssrc: number, bytes: number, nowMs: number): void {
    const before = this.#sizes.get(ssrc) ?? 0;
    this.#sizes.set(ssrc, before + FOLLOW * (bytes - before));
    if (this.#speaker.hear(this.#sizes, SPEAKING_BYTES, nowMs) !== ssrc) return;
    const copy = this.#passed.take(packet, nowMs);
    writeSsrc(copy, this.#ssrc);
    writePayloadType(copy, this.payloadType, readMarker(copy));
    this.#send(copy);
  }
}
