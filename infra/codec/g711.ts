/** Sound as telephones send it (ITU-T G.711): 8000 samples a second, a byte each, in two laws. */

export type Law = 'pcmu' | 'pcma';

/** Of 16-bit samples. */
const BIAS = 0x84;
const CLIP = 32_635;

/** The law of an encoding's name in SDP; undefined: it is not G.711. */
export function lawOf(codec: string): Law | undefined {
  const name = codec.toLowerCase();
  return name === 'pcmu' || name === 'pcma' ? name : undefined;
}

export function decodeG711(law: Law, payload: Uint8Array): Int16Array {
  const table = DECODED[law];
  return Int16Array.from(payload, (byte) => table[byte] ?? 0);
}

export function encodeG711(law: Law, samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, law === 'pcmu' ? encodeU : encodeA);
}

function decodeU(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + BIAS) << ((inverted & 0x70) >> 4);
  return (inverted & 0x80) === 0 ? magnitude - BIAS : BIAS - magnitude;
}

function encodeU(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const biased = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 31 - Math.clz32(biased) - 7;
  return ~(sign | (exponent << 4) | ((biased >> (exponent + 3)) & 0x0f)) & 0xff;
}

function decodeA(byte: number): number {
  const toggled = byte ^ 0x55;
  const exponent = (toggled & 0x70) >> 4;
  const mantissa = ((toggled & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (toggled & 0x80) === 0 ? -magnitude : magnitude;
}

function encodeA(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = Math.min(Math.abs(sample), 0x7fff);
  const exponent = magnitude < 0x100 ? 0 : 31 - Math.clz32(magnitude) - 7;
  const mantissa = (magnitude >> (exponent === 0 ? 4 : exponent + 3)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);
const DECODED: Readonly<Record<Law, readonly number[]>> = { pcmu: BYTES.map(decodeU), pcma: BYTES.map(decodeA) };
