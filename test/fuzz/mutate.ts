/** Inputs like good ones, but not quite: what finds its way deep into a parser before it is wrong. The same for the same seed. */

/** 0..1, as `seededRandom` makes them. */
export type Random = () => number;

const MOST_CHANGES = 6;
/** No datagram and no message is longer. */
const MOST_BYTES = 300_000;
/** Lengths, counts and signs are where parsers go wrong. */
const NASTY_BYTES = [0, 1, 0x7f, 0x80, 0x81, 0xc8, 0xff];
const NASTY_TEXT = [
  '-1',
  '0',
  '1e999',
  '65536',
  '4294967296',
  'null',
  '""',
  '[]',
  '{}',
  '\\u0000',
  ' ',
  '\n',
  '\r\n',
  '%',
  '\u202e',
  'NaN',
];

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
const upTo = (random: Random, most: number): number => Math.floor(random() * (most + 1));

type Change = (bytes: Buffer, random: Random, corpus: readonly Uint8Array[]) => Buffer;

const CHANGES: readonly Change[] = [
  // A bit.
  (bytes, random) => at(bytes, random, (byte) => byte ^ (1 << upTo(random, 7))),
  // A byte.
  (bytes, random) => at(bytes, random, () => pick(random, NASTY_BYTES)),
  (bytes, random) => at(bytes, random, () => upTo(random, 0xff)),
  // 16 bits, as lengths have.
  (bytes, random) => {
    const word = Buffer.from([pick(random, NASTY_BYTES), pick(random, NASTY_BYTES)]);
    return replaced(bytes, upTo(random, Math.max(0, bytes.length - 2)), 2, word);
  },
  // The end, or the beginning.
  (bytes, random) => bytes.subarray(0, upTo(random, bytes.length)),
  (bytes, random) => bytes.subarray(upTo(random, Math.min(4, bytes.length))),
  // A piece fewer, a piece twice.
  (bytes, random) => replaced(bytes, upTo(random, bytes.length), upTo(random, 16), Buffer.alloc(0)),
  (bytes, random) => {
    const from = upTo(random, bytes.length);
    const piece = bytes.subarray(from, from + upTo(random, 64));
    return replaced(bytes, from, 0, Buffer.concat(Array.from({ length: 1 + upTo(random, 40) }, () => piece)));
  },
  // The head of this and the tail of another.
  (bytes, random, corpus) => {
    const other = Buffer.from(pick(random, corpus));
    return Buffer.concat([bytes.subarray(0, upTo(random, bytes.length)), other.subarray(upTo(random, other.length))]);
  },
  // What text stumbles over.
  (bytes, random) =>
    replaced(bytes, upTo(random, bytes.length), upTo(random, 8), Buffer.from(pick(random, NASTY_TEXT))),
];

/** One of the corpus after a few changes, mostly one or two: more would undo what made it worth keeping. */
export function mutated(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Buffer = Buffer.from(pick(random, corpus));
  for (let left = Math.ceil(MOST_CHANGES * random() ** 2); left > 0; left -= 1) {
    bytes = pick(random, CHANGES)(bytes, random, corpus).subarray(0, MOST_BYTES);
  }
  return new Uint8Array(bytes);
}

function at(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  const place = upTo(random, copy.length - 1);
  copy[place] = change(copy[place] ?? 0);
  return copy;
}

function replaced(bytes: Buffer, from: number, count: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(from + count)]);
}
