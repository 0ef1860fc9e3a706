/** Makes the one endless stream that a peer publishes of what programs send to its port. */
import { RTP_HEADER_BYTES, readMarker, readPayloadType, readTimestamp } from '../../infra/rtp/header.ts';
import { payloadOf } from '../../infra/rtp/payload.ts';
import { Renumbering } from '../../infra/rtp/renumbering.ts';
import { neverGoesBack } from '../../infra/rtp/time-order.ts';
import { writePayloadType, writePlainHeader, writeSequence, writeSsrc, writeTimestamp } from '../../infra/rtp/write.ts';
import { StreamChoice } from '../../infra/sdp/stream-choice.ts';
import type { StreamFormat } from '../options/contract.ts';
import type { SendPacket } from './contract.ts';
import { ParameterSets } from './parameter-sets.ts';
import { PayloadRule, type PayloadTypes } from './payload-rule.ts';

/** A voice that is silent for so long, in ms, may only listen; pictures that stop for so long have ended. */
const USUAL_PAUSE_MS = { audio: 5000, video: 1000 } as const;

export interface ProgramStreamOptions {
  readonly ssrc: number;
  readonly format: StreamFormat;
  readonly payloadTypes: PayloadTypes;
  /** Where the numbering begins; RFC 3550 section 5.1 wants both random. */
  readonly firstSequence: number;
  readonly firstTimestamp: number;
  readonly send: SendPacket;
}

/** What became of a packet: it goes on with the stream, also where its program's clock was set back; begins a new run; is left out. */
export type Taken = 'continued' | 'setBack' | 'began' | LeftOut;
/** Why it was left out. */
type LeftOut = 'otherStream' | 'otherPayload' | 'empty' | 'late';

export class ProgramStream {
  readonly #options: ProgramStreamOptions;
  #choice: StreamChoice;
  readonly #numbering: Renumbering;
  readonly #payloads: PayloadRule;
  readonly #sets: ParameterSets | undefined;

  constructor(options: ProgramStreamOptions) {
    const { format, payloadTypes } = options;
    const { clockRate } = format.codec;
    this.#options = options;
    this.#choice = choiceFor(format);
    this.#numbering = new Renumbering({ ...options, clockRate });
    this.#payloads = new PayloadRule(format.payloadType, payloadTypes);
    this.#sets = ParameterSets.of(format);
  }

  /** The codec, as people call it, whose key pictures come and cannot be decoded, as its parameter sets never came. */
  get undecodable(): string | undefined {
    return this.#sets?.isMissing ? this.#sets.codec : undefined;
  }

  /** The program's stream that is taken now, and what is added to its timestamps; undefined before the first. */
  get offset(): { readonly ssrc: number; readonly timestamp: number } | undefined {
    const ssrc = this.#choice.takenSsrc;
    return ssrc === undefined ? undefined : { ssrc, timestamp: this.#numbering.timestampOffset };
  }

  /** Whoever feeds the stream has gone, and nothing comes of it any more: whatever comes next begins at once. */
  ended(): void {
    this.#choice = choiceFor(this.#options.format);
  }

  /** Sends what a packet comes to. It must have a whole header, and is changed in place where it is taken. */
  take(packet: Uint8Array, nowMs: number): Taken {
    const payloadType = readPayloadType(packet);
    const goesOn = this.#choice.goesOn(packet, nowMs);
    const isEmpty = payloadOf(packet)?.length === 0;
    if (isEmpty || !this.#payloads.admits(payloadType, goesOn)) {
      if (goesOn) this.#leaveOut(packet, nowMs);
      return isEmpty ? 'empty' : 'otherPayload';
    }
    const choice = this.#choice.choose(packet, nowMs);
    if (choice === 'other') return 'otherStream';
    if (choice === 'late') return 'late';
    const isSetBack = choice === 'continued' && this.#isSetBack(packet);
    if (choice === 'began') this.#numbering.begin(packet, nowMs);
    else if (isSetBack) this.#numbering.setClock(packet, nowMs);
    this.#payloads.took(payloadType);
    this.#sendSetsBefore(packet);
    this.#numbering.number(packet, nowMs);
    this.#send(packet, readMarker(packet));
    return isSetBack ? 'setBack' : choice;
  }

  #isSetBack(packet: Uint8Array): boolean {
    const { media, codec } = this.#options.format;
    return this.#numbering.goesBack(packet) && neverGoesBack(media, codec, packet);
  }

  /** It shows that its sender goes on, and has a number of the stream's own, which receivers would miss. */
  #leaveOut(packet: Uint8Array, nowMs: number): void {
    this.#choice.choose(packet, nowMs);
    this.#numbering.skip(packet);
  }

  #sendSetsBefore(packet: Uint8Array): void {
    if (this.#sets === undefined || this.#numbering.ahead(packet) <= 0) return;
    for (const unit of this.#sets.before(payloadOf(packet) ?? new Uint8Array(), readTimestamp(packet))) {
      const before = new Uint8Array(RTP_HEADER_BYTES + unit.length);
      writePlainHeader(before);
      writeTimestamp(before, this.#numbering.timestampOf(packet));
      writeSequence(before, this.#numbering.insertBefore(packet));
      before.set(unit, RTP_HEADER_BYTES);
      this.#send(before, false);
    }
  }

  #send(packet: Uint8Array, marker: boolean): void {
    const { ssrc, format, send } = this.#options;
    writeSsrc(packet, ssrc);
    writePayloadType(packet, format.payloadType, marker);
    send(packet);
  }
}

function choiceFor({ codec, media }: StreamFormat): StreamChoice {
  return new StreamChoice({ clockRate: codec.clockRate, usualPauseMs: USUAL_PAUSE_MS[media] });
}
