/** What a member can show, and what of it it shows. */
import type { StreamInfo, StreamName } from '../../../../machines/messages.ts';
import type { SimulatedStream } from '../../script/script.ts';
import { MediaSource, type SourceOptions } from '../media/source.ts';
import type { Random } from '../random.ts';

/** Dynamic payload types (RFC 3551 section 6) and formats. */
const FORMATS = {
  audio: { payloadType: 111, codec: 'opus/48000/2' },
  video: { payloadType: 96, codec: 'VP8/90000' },
} as const;

/** Of all sources in a room. */
export type Encoding = Pick<SourceOptions, 'packetsPerSecond' | 'isWire' | 'isBursty' | 'window'>;

export class Show {
  /** All that it can show. */
  readonly sources: ReadonlyMap<StreamName, MediaSource>;
  readonly #all: readonly SimulatedStream[];
  /** For what comes back. */
  readonly #random: Random;
  #told: readonly StreamInfo[];

  constructor(all: readonly SimulatedStream[], encoding: Encoding, random: Random) {
    this.#all = all;
    this.#random = random.fork('show');
    this.sources = new Map(all.map((stream) => [stream.name, sourceOf(stream, encoding, random)]));
    this.#told = all.map((stream) => infoOf(stream, random));
  }

  /** What it shows now. */
  get streams(): readonly SimulatedStream[] {
    const shown = new Set(this.#told.map(({ name }) => name));
    return this.#all.filter(({ name }) => shown.has(name));
  }

  /** The same, as the room is told. */
  get told(): readonly StreamInfo[] {
    return this.#told;
  }

  /** Of all that it can show it shows these from now on; what comes back has another SSRC. */
  change(names: ReadonlySet<StreamName>): void {
    const before = new Map(this.#told.map((stream) => [stream.name, stream]));
    const shown = this.#all.filter(({ name }) => names.has(name));
    this.#told = shown.map((stream) => before.get(stream.name) ?? infoOf(stream, this.#random));
  }
}

function sourceOf({ name, media }: SimulatedStream, encoding: Encoding, random: Random): MediaSource {
  const firstSequence = random.integer(0, 0xffff);
  const { payloadType } = FORMATS[media];
  return new MediaSource({ ...encoding, stream: name, media, payloadType, firstSequence });
}

function infoOf(stream: SimulatedStream, random: Random): StreamInfo {
  const ssrc = random.integer(0, 0xffff_ffff);
  return { ...FORMATS[stream.media], ...stream, ssrc, fmtp: '', rateBps: stream.minBps };
}
