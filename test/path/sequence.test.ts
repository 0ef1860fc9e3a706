import test from 'ava';
import fc from 'fast-check';
import {
  extendIntoNextCycle,
  extendSequence,
  isNewerSequence,
  nextSequence,
  sequenceDistance,
  wireSequence,
} from '../../infra/rtp/sequence.ts';

const SEED = { seed: 3550, numRuns: 2000 };
const sequence = fc.integer({ min: 0, max: 0xffff });

test('distance is the shorter way around the circle', (t) => {
  t.is(sequenceDistance(65535, 0), 1);
  t.is(sequenceDistance(0, 65535), -1);
  t.is(sequenceDistance(10, 10), 0);
  t.is(sequenceDistance(0, 32767), 32767);
  t.is(sequenceDistance(0, 32768), -32768);
});

test('the next sequence number is always newer, the same never', (t) => {
  fc.assert(
    fc.property(
      sequence,
      (number) => isNewerSequence(nextSequence(number), number) && !isNewerSequence(number, number),
    ),
    SEED,
  );
  t.is(nextSequence(65535), 0);
});

test('an extended number is found again from its 16 bits and any number near it', (t) => {
  const extended = fc.integer({ min: -1000, max: 2 ** 31 });
  const near = fc.integer({ min: -32767, max: 32767 });
  fc.assert(
    fc.property(extended, near, (number, offset) => extendSequence(number + offset, wireSequence(number)) === number),
    SEED,
  );
  t.is(extendSequence(65535, 0), 65536);
  t.is(extendSequence(2, 65535), -1);
});

test('the next cycle starts above everything in this one', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 30 }), sequence, (reference, number) => {
      const extended = extendIntoNextCycle(reference, number);
      return wireSequence(extended) === number && extended > reference && extended <= reference + 2 * 65536;
    }),
    SEED,
  );
  t.is(extendIntoNextCycle(70_000, 5), 131_077);
});
