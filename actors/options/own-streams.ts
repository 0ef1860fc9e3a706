/** From the values of `--source` to the streams that a peer publishes: what each leaves out, and whether they go together. */
import { formatCodec, type Media, mediaOf } from '../../infra/codec/codec.ts';
import { isDescribed } from '../../infra/sdp/format-parameters.ts';
import { MAX_STREAMS, streamNameSchema } from '../../machines/messages.ts';
import type { OwnStream, RawOptions, RawSource, RawSourceSpec, RawStream } from './contract.ts';
import { streamsOfSdpFile } from './sdp-file.ts';
import { UsageError } from './usage-error.ts';

/** The first dynamic payload type (RFC 3551 section 6), what most programs use. */
export const DEFAULT_PAYLOAD_TYPE = 96;

/** How a person calls the first streams of a kind; further ones are `video-3`, `audio-2` and so on. */
const USUAL_NAMES: Readonly<Record<Media, readonly string[]>> = { video: ['camera', 'screen'], audio: ['voice'] };

type Defaults = Pick<RawOptions, 'codec' | 'payloadType' | 'media' | 'bitrate'>;

/** @throws {UsageError} where the values do not go together */
export function ownStreams(values: readonly RawSource[], defaults: Defaults): OwnStream[] {
  const shown = values.filter((value) => value.kind === 'stream');
  if (shown.length < values.length && values.length > 1) {
    throw new UsageError('--source none shows nothing: it stands alone.');
  }
  const given = shown.flatMap(oneByOne);
  if (given.length > MAX_STREAMS) {
    throw new UsageError(`--source asks for ${given.length} streams; a peer has at most ${MAX_STREAMS}.`);
  }
  const streams = named(layered(given.map((value) => ({ value, media: mediaIn(value, defaults) }))), defaults);
  requireNames(streams);
  requireDescribed(streams);
  requireDistinctPorts(streams);
  requirePrograms(streams);
  requireSoundGroups(streams);
  return streams;
}

/** One stream that its options tell, the rest of which was read from the program's file where there was one. */
interface GivenStream extends RawStream {
  readonly source: Exclude<RawSourceSpec, { kind: 'sdp' }>;
}

/** What stands on the command line goes before what the file says. */
function oneByOne({ source, ...told }: RawStream): GivenStream[] {
  if (source.kind !== 'sdp') return [{ source, ...told }];
  return streamsOfSdpFile(source.file).map((stream) => ({ ...stream, ...told }));
}

/** An audio codec is sound whatever other options say; what else is not told is as for a single stream. */
function mediaIn({ media, codec }: RawStream, defaults: Defaults): Media {
  if (media !== undefined) return media;
  if (codec !== undefined && mediaOf(codec) === 'audio') return 'audio';
  return defaults.media ?? mediaOf(codec ?? defaults.codec);
}

interface Told {
  readonly value: GivenStream;
  readonly media: Media;
}

interface Layered extends Told {
  readonly group: string | null;
  readonly layer: number;
}

/** Gives each stream of a group that names no layer the lowest one that none of the group has. */
function layered(told: readonly Told[]): Layered[] {
  const taken = new Map<string, Set<number>>();
  for (const { value } of told) {
    if (value.layer === undefined) continue;
    if (value.group === undefined) {
      throw new UsageError(`--source: layer=${value.layer} is a layer of nothing. Add group=NAME.`);
    }
    const layers = taken.get(value.group) ?? new Set<number>();
    if (layers.has(value.layer)) {
      throw new UsageError(
        `--source: two streams of group ${value.group} have layer=${value.layer}. Number them apart.`,
      );
    }
    taken.set(value.group, layers.add(value.layer));
  }
  return told.map((one) => {
    const { group, layer } = one.value;
    if (group === undefined) return { ...one, group: null, layer: 0 };
    if (layer !== undefined) return { ...one, group, layer };
    const layers = taken.get(group) ?? new Set<number>();
    let lowest = 0;
    while (layers.has(lowest)) lowest += 1;
    taken.set(group, layers.add(lowest));
    return { ...one, group, layer: lowest };
  });
}

function named(told: readonly Layered[], defaults: Defaults): OwnStream[] {
  const taken = new Set(told.flatMap(({ value: { name } }) => (name === undefined ? [] : [name])));
  return told.map(({ value, media, group, layer }): OwnStream => {
    const { codec = defaults.codec, payloadType = defaults.payloadType, fmtp = '', bitrate, rtcp } = value;
    const name = value.name ?? (group === null ? freeName(media, taken) : `${group}-${layer}`);
    if (value.name === undefined && group === null) taken.add(name);
    const format = { codec, payloadType: payloadType ?? DEFAULT_PAYLOAD_TYPE, media, fmtp };
    const payloadTypes = payloadType === undefined ? 'any' : 'declared';
    const source = value.source.kind === 'rtp' ? ({ ...value.source, payloadTypes } as const) : value.source;
    const asked = rtcp === undefined ? {} : { rtcp };
    return { ...{ name, source, format, group, layer }, ...asked, bitrate: bitrate ?? defaults.bitrate };
  });
}

/** The first usual name that no other stream has. */
function freeName(media: Media, taken: ReadonlySet<string>): string {
  const usual = USUAL_NAMES[media].find((name) => !taken.has(name));
  if (usual !== undefined) return usual;
  let number = USUAL_NAMES[media].length + 1;
  while (taken.has(`${media}-${number}`)) number += 1;
  return `${media}-${number}`;
}

function requireNames(streams: readonly OwnStream[]): void {
  const long = streams.find(({ name }) => !streamNameSchema.safeParse(name).success);
  if (long !== undefined) throw new UsageError(`--source: ${long.name} is too long for a name. Give it one by name=.`);
  const twice = firstRepeated(streams.map(({ name }) => name));
  if (twice !== undefined) throw new UsageError(`--source: two streams are called ${twice}. Give each its own name=.`);
}

/** A test stream of such a codec carries filler anyway. */
function requireDescribed(streams: readonly OwnStream[]): void {
  const lacking = streams.find(
    ({ source, format: { codec, fmtp } }) => source.kind === 'rtp' && !isDescribed(codec, fmtp),
  );
  if (lacking === undefined) return;
  throw new UsageError(
    `--source: nobody can play ${formatCodec(lacking.format.codec)} of ${lacking.name} without its format parameters. ` +
      "Add them by fmtp=, as they stand in the program's SDP, or let them be read from there: --source sdp:FILE.",
  );
}

function requireDistinctPorts(streams: readonly OwnStream[]): void {
  const ports = streams.flatMap(({ source }) => (source.kind === 'rtp' && source.port !== 0 ? [source.port] : []));
  const twice = firstRepeated(ports);
  if (twice !== undefined) throw new UsageError(`--source: two streams take port ${twice}. Give each its own port.`);
}

function requirePrograms(streams: readonly OwnStream[]): void {
  const test = streams.find(({ source, rtcp }) => source.kind === 'test' && rtcp !== undefined);
  if (test !== undefined) throw new UsageError('--source: rtcp= is for a program. Leave it out with test.');
}

function requireSoundGroups(streams: readonly OwnStream[]): void {
  const media = new Map<string, Media>();
  for (const { group, format } of streams) {
    if (group === null) continue;
    const known = media.get(group) ?? format.media;
    if (known !== format.media) {
      throw new UsageError(`--source: group ${group} has audio and video. Streams of one group show the same.`);
    }
    media.set(group, known);
  }
}

function firstRepeated<T>(items: readonly T[]): T | undefined {
  return items.find((item, index) => items.indexOf(item) < index);
}
