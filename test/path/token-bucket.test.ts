import test from 'ava';
import fc from 'fast-check';
import { BURST_MS, LEAST_BURST_BITS, TOKEN_BUCKET_BYTES, TokenBucket } from '../../infra/path/decision/token-bucket.ts';

const fresh = () => new TokenBucket(new ArrayBuffer(TOKEN_BUCKET_BYTES));

test('a bucket starts full, empties, and fills at the limit', (t) => {
  const bucket = fresh();
  const limit = 1_000_000;
  const depth = (limit * BURST_MS) / 1000;
  t.true(bucket.take(depth, limit, BURST_MS, 5000));
  t.false(bucket.take(1, limit, BURST_MS, 5000));
  t.false(bucket.take(10_001, limit, BURST_MS, 5010));
  t.true(bucket.take(10_000, limit, BURST_MS, 5010));
  t.true(bucket.take(depth, limit, BURST_MS, 99_999));
});

test('one that was deep and is flat from now on holds no more than it is deep', (t) => {
  const bucket = fresh();
  const limit = 1_000_000;
  t.true(bucket.take(1, limit, BURST_MS, 0));
  t.false(bucket.take(200_001, limit, 200, 0));
  t.true(bucket.take(200_000, limit, 200, 0));
});

test('however slow the limit, a packet to ten receivers passes', (t) => {
  t.true(fresh().take(LEAST_BURST_BITS, 1000, BURST_MS, 0));
});

test('no more passes than the limit and one burst, in whatever portions it is asked for', (t) => {
  const asked = fc.array(fc.record({ bits: fc.integer({ min: 1, max: 100_000 }), waitMs: fc.nat(200) }), {
    minLength: 1,
    maxLength: 200,
  });
  fc.assert(
    fc.property(asked, fc.integer({ min: 1000, max: 10_000_000 }), (requests, limit) => {
      const bucket = fresh();
      let nowMs = 0;
      let passed = 0;
      for (const { bits, waitMs } of requests) {
        nowMs += waitMs;
        if (bucket.take(bits, limit, BURST_MS, nowMs)) passed += bits;
        t.true(passed <= Math.max((limit * BURST_MS) / 1000, LEAST_BURST_BITS) + (limit * nowMs) / 1000 + 1e-3);
      }
    }),
    { seed: 2697, numRuns: 300 },
  );
});
