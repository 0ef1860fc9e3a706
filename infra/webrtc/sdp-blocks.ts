/** A session description as blocks of lines (RFC 8866): the session's and one for each m-line. Nothing of what they say is judged here. */
import { WebRtcError } from './errors.ts';

/** An offer of 25 slots of sound and pictures has 148 kB in Chromium. */
const MOST_BYTES = 256 * 1024;
/** Twice what such a page needs. */
const MOST_MEDIA = 128;

const LINE = /^([a-z])=(.*)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/;
const ATTRIBUTE = /^([!-9;-~]+)(?::(.*))?$/;

export interface SdpBlock {
  /** What follows `m=`; of the session empty. */
  readonly head: string;
  /** Values of the attributes by name, in their order; of flags an empty text. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

export interface SdpBlocks {
  readonly session: SdpBlock;
  readonly media: readonly SdpBlock[];
}

/** @throws {WebRtcError} `offer.invalid` */
export function readBlocks(text: string): SdpBlocks {
  if (Buffer.byteLength(text) > MOST_BYTES) throw invalid(`it is larger than ${MOST_BYTES / 1024} kB`);
  const session = { head: '', attributes: new Map<string, string[]>() };
  const media: (typeof session)[] = [];
  const lines = text.split(/\r?\n/);
  if (lines[0] !== 'v=0') throw invalid('it does not begin with v=0');
  for (const [index, line] of lines.entries()) {
    if (line === '' && index === lines.length - 1) break;
    const [, type, value = ''] = LINE.exec(line) ?? [];
    if (type === undefined || CONTROL.test(line)) throw invalid(`line ${index + 1} is none of SDP`);
    if (type === 'm') media.push({ head: value, attributes: new Map() });
    if (media.length > MOST_MEDIA) throw invalid(`it has more than ${MOST_MEDIA} m-lines`);
    if (type !== 'a') continue;
    const [, name, told = ''] = ATTRIBUTE.exec(value) ?? [];
    if (name === undefined) throw invalid(`line ${index + 1} is no attribute`);
    const { attributes } = media.at(-1) ?? session;
    const values = attributes.get(name);
    if (values === undefined) attributes.set(name, [told]);
    else values.push(told);
  }
  return { session, media };
}

/** The first value; undefined: the attribute is not there. */
export function attributeOf({ attributes }: SdpBlock, name: string): string | undefined {
  return attributes.get(name)?.[0];
}

export function invalid(problem: string): WebRtcError {
  return new WebRtcError('offer.invalid', `The offer cannot be read: ${problem}.`);
}

export function unsupported(problem: string): WebRtcError {
  return new WebRtcError('offer.unsupported', `The offer cannot be answered: ${problem}.`);
}
