/** Where the payload lies, behind whatever header, and that nothing is read that is not there. */

import test from 'ava';
import fc from 'fast-check';
import { payloadOf } from '../../infra/rtp/payload.ts';

const FIXED = [96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7];
const payload = (first: number, ...rest: number[]) => payloadOf(Uint8Array.from([first, ...FIXED, ...rest]));

test('it begins behind contributing sources and extension, and ends before the padding', (t) => {
  t.deepEqual(payload(0x80, 1, 2, 3), Uint8Array.of(1, 2, 3));
  t.deepEqual(payload(0x81, 0, 0, 0, 9, 1, 2), Uint8Array.of(1, 2));
  t.deepEqual(payload(0x90, 0xbe, 0xde, 0, 1, 0, 0, 0, 0, 1, 2), Uint8Array.of(1, 2));
  t.deepEqual(payload(0xa0, 1, 2, 0, 2), Uint8Array.of(1, 2));
  t.is(payload(0x80)?.length, 0);
  t.is(payload(0xa0, 1)?.length, 0);
});

test('what is cut off has none', (t) => {
  t.is(payloadOf(new Uint8Array(11)), undefined);
  t.is(payload(0x81, 0), undefined);
  t.is(payload(0x90, 0xbe, 0xde, 0, 1), undefined);
  t.is(payload(0xa0, 1, 0), undefined);
  t.is(payload(0xa0, 1, 3), undefined);
});

test('whatever comes, it lies within', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (packet) => {
      const found = payloadOf(packet);
      return found === undefined || (packet.length >= 12 && found.byteOffset + found.length <= packet.length);
    }),
  );
  t.pass();
});
