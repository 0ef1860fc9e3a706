/** NAL units in RTP payloads of H.264 and H.265: single, aggregated, fragmented, and cut short. */

import test from 'ava';
import fc from 'fast-check';
import { type NalFormat, nalFormatOf, nalUnitsIn } from '../../infra/codec/nal-units.ts';

function formatOf(codec: string): NalFormat {
  const format = nalFormatOf(codec);
  if (format === undefined) throw new Error(`${codec} has no NAL units`);
  return format;
}

const unitsOf = (codec: string, ...bytes: number[]) =>
  [...nalUnitsIn(Uint8Array.from(bytes), formatOf(codec))].map((unit) => [unit.type, unit.bytes.length, unit.whole]);

test('a unit by itself', (t) => {
  t.deepEqual(unitsOf('H264', 0x67, 1, 2), [[7, 3, true]]);
  t.deepEqual(unitsOf('h265', 0x42, 1, 2), [[33, 3, true]]);
});

test('units in an aggregate, as far as their lengths hold', (t) => {
  t.deepEqual(unitsOf('H264', 0x78, 0, 2, 0x67, 1, 0, 3, 0x68, 1, 2), [
    [7, 2, true],
    [8, 3, true],
  ]);
  t.deepEqual(unitsOf('H265', 0x60, 1, 0, 2, 0x40, 1, 0, 2, 0x42, 1), [
    [32, 2, true],
    [33, 2, true],
  ]);
  t.deepEqual(unitsOf('H264', 0x78, 0, 2, 0x67, 1, 0, 9, 0x68, 1), [[7, 2, true]]);
  t.deepEqual(unitsOf('H264', 0x78, 0, 0, 0, 2, 0x67, 1), []);
});

test('a fragment begins its unit once', (t) => {
  t.deepEqual(unitsOf('H264', 0x7c, 0x85, 1), [[5, 3, false]]);
  t.deepEqual(unitsOf('H264', 0x7c, 0x05, 1), []);
  t.deepEqual(unitsOf('H265', 0x62, 1, 0x93, 1), [[19, 4, false]]);
  t.deepEqual(unitsOf('H265', 0x62, 1, 0x13, 1), []);
});

test('other codecs have none', (t) => {
  t.is(nalFormatOf('VP8'), undefined);
  t.is(nalFormatOf('constructor'), undefined);
});

test('whatever comes, units lie within it', (t) => {
  fc.assert(
    fc.property(fc.constantFrom('H264', 'H265'), fc.uint8Array({ maxLength: 64 }), (codec, payload) => {
      for (const { bytes } of nalUnitsIn(payload, formatOf(codec))) {
        if (bytes.length === 0 || bytes.length > payload.length) return false;
      }
      return true;
    }),
  );
  t.pass();
});
