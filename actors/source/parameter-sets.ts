/**
 * Parameter sets of H.264 and H.265, without which no decoder can begin. Encoders send them once, or only in their SDP, and who
 * joins later never gets them: they are kept, and go again before each key picture that comes without.
 */

import { type NalFormat, nalFormatOf, nalUnitsIn } from '../../infra/codec/nal-units.ts';
import { parameterOf } from '../../infra/sdp/format-parameters.ts';
import type { StreamFormat } from '../options/contract.ts';

/** They have a few dozen bytes each, and encoders one or two of a type: more is not kept. */
const MAX_SET_BYTES = 512;
const MAX_SETS = 8;

/** Those of one type. */
interface Kept {
  /** Of the frame that they came with; null: told by the format parameters. */
  readonly timestamp: number | null;
  readonly units: readonly Uint8Array[];
}

export class ParameterSets {
  readonly #format: NalFormat;
  readonly #kept = new Map<number, Kept>();
  /** Of the newest key picture, which has many packets. */
  #keyPictureAt: number | null = null;
  #isMissing = false;

  private constructor(format: NalFormat, fmtp: string) {
    this.#format = format;
    for (const name of format.parameters) {
      for (const text of (parameterOf(fmtp, name) ?? '').split(',')) this.#keep(Buffer.from(text, 'base64'), null);
    }
  }

  /** Undefined for a codec that has none. */
  static of({ codec, fmtp }: StreamFormat): ParameterSets | undefined {
    const format = nalFormatOf(codec.name);
    return format === undefined ? undefined : new ParameterSets(format, fmtp);
  }

  /** Whether a key picture has come that nobody can decode: its sets never came. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** What people call the codec. */
  get codec(): string {
    return this.#format.name;
  }

  /** The sets that have to go before this payload, each a NAL unit; none where the program has sent them itself. */
  before(payload: Uint8Array, timestamp: number): readonly Uint8Array[] {
    for (const { type, bytes, whole } of nalUnitsIn(payload, this.#format)) {
      if (whole) this.#keep(bytes, timestamp);
      if (!this.#format.isKeyPicture(type) || this.#keyPictureAt === timestamp) continue;
      this.#keyPictureAt = timestamp;
      return this.#repeated(timestamp);
    }
    return [];
  }

  #keep(unit: Uint8Array, timestamp: number | null): void {
    const type = this.#format.typeOf(unit[0] ?? 0);
    if (!this.#format.parameterSets.includes(type) || unit.length > MAX_SET_BYTES) return;
    const kept = this.#kept.get(type);
    // The sets of one frame belong together; those of a later one replace them.
    const units = kept?.timestamp === timestamp ? kept.units : [];
    if (units.length === MAX_SETS || units.some((known) => Buffer.compare(known, unit) === 0)) return;
    this.#kept.set(type, { timestamp, units: [...units, Uint8Array.from(unit)] });
  }

  #repeated(timestamp: number): readonly Uint8Array[] {
    const kept = this.#format.parameterSets.map((type) => this.#kept.get(type));
    this.#isMissing = kept.includes(undefined);
    if (this.#isMissing || kept.every((sets) => sets?.timestamp === timestamp)) return [];
    return kept.flatMap((sets) => sets?.units ?? []);
  }
}
