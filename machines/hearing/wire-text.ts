/** What can be read off a message's text without parsing it, as `encodeMessage` writes it: beats are nearly all that comes. Pure. */

const BEAT = /^\{"epoch":(\d{1,16}),"seq":\d{1,16},"profile":(\d{1,16})\}$/;
const ENVELOPE = /^\{"epoch":(\d{1,16}),"seq":(\d{1,16})[,}]/;
const HEAD = /^\{"epoch":(\d{1,16}),"seq":\d{1,16},/;
/** No text in a JSON string can hold these quotes. */
const NUMBER = '"number":';
const DIGITS = /\d{1,16}/y;

/** The process that a text is from, and the profile that it names. */
export interface Named {
  readonly epoch: number;
  readonly profile: number;
}

/** Which message of which process it is; undefined where it is not written like ours. */
export function readEnvelope(text: string): { readonly epoch: number; readonly seq: number } | undefined {
  const match = ENVELOPE.exec(text);
  const [epoch, seq] = [Number(match?.[1]), Number(match?.[2])];
  return Number.isSafeInteger(epoch) && Number.isSafeInteger(seq) ? { epoch, seq } : undefined;
}

/** Undefined where it is no beat, or not written like ours. */
export function readBeat(text: string): Named | undefined {
  const match = BEAT.exec(text);
  return match === null ? undefined : { epoch: Number(match[1]), profile: Number(match[2]) };
}

export interface ProfileHead extends Named {
  /** The same for two profiles that differ, if at all, in how the sender's streams run: a hash of what stands before the number. */
  readonly resting: number;
}

/** Undefined where it is no profile, or not written like ours. */
export function readProfileHead(text: string): ProfileHead | undefined {
  const head = HEAD.exec(text);
  const at = text.indexOf(NUMBER);
  DIGITS.lastIndex = at + NUMBER.length;
  const number = at < 0 ? null : DIGITS.exec(text);
  if (head === null || number === null) return undefined;
  return { epoch: Number(head[1]), profile: Number(number[0]), resting: hashOf(text, head[0].length, at) };
}

/** FNV-1a with 32 bits. Who makes two texts alike by it only has its own profile wait. */
function hashOf(text: string, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
