/** Both ends of a pair come to the same key, nobody else does, and no public key breaks anything. */
import { hkdfSync } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { freshKeyPair, keyPairOfSecret, pairKey } from '../../infra/stun/pair-key.ts';

const BINDING = { salt: 'main', info: 'A 1 B 2' };
const told = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');

test('both ends get the same key, and a public key is 43 characters', (t) => {
  const [a, b] = [freshKeyPair(), freshKeyPair()];
  const key = pairKey(a, b.publicKey, BINDING);
  t.is(key?.length, 32);
  t.deepEqual(pairKey(b, a.publicKey, BINDING), key);
  t.regex(a.publicKey, /^[A-Za-z0-9_-]{43}$/);
});

test('another process, room or incarnation has another key', (t) => {
  const [a, b, c] = [freshKeyPair(), freshKeyPair(), freshKeyPair()];
  const keys = [
    pairKey(a, b.publicKey, BINDING),
    pairKey(a, c.publicKey, BINDING),
    pairKey(c, b.publicKey, BINDING),
    pairKey(a, b.publicKey, { ...BINDING, salt: 'other' }),
    pairKey(a, b.publicKey, { ...BINDING, info: 'A 1 B 3' }),
  ].map((key) => Buffer.from(key ?? []).toString('hex'));
  t.is(new Set(keys).size, keys.length);
});

/** RFC 7748: both vectors of section 5.2, and both ends of section 6.1. */
const VECTORS = [
  {
    secret: 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
    theirs: 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
    shared: 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  },
  {
    secret: '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
    theirs: 'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
    shared: '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
  },
  {
    secret: '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
    ours: '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    theirs: 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    shared: '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  },
  {
    secret: '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
    ours: 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    theirs: '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    shared: '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  },
] as const;
for (const [index, { secret, theirs, shared, ...rest }] of VECTORS.entries()) {
  test(`vector ${index + 1} of RFC 7748`, (t) => {
    const own = keyPairOfSecret(Buffer.from(secret, 'hex'));
    if ('ours' in rest) t.is(own.publicKey, told(rest.ours));
    const expected = hkdfSync('sha256', Buffer.from(shared, 'hex'), BINDING.salt, BINDING.info, 32);
    t.deepEqual(pairKey(own, told(theirs), BINDING), new Uint8Array(expected));
  });
}

/** With each of these the secret is zero, whatever the other key (RFC 7748 section 6.1). */
const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];
for (const hex of LOW_ORDER) {
  test(`${hex} is of low order: refused`, (t) => {
    t.is(pairKey(freshKeyPair(), told(hex), BINDING), undefined);
  });
}

const GOOD = told(VECTORS[3].ours);
const NO_KEYS = {
  nothing: '',
  'a character too few': GOOD.slice(1),
  'a character too many': `${GOOD}A`,
  padding: `${GOOD}=`,
  'a letter of plain base64': `+${GOOD.slice(1)}`,
  'another text for the same bytes': `${GOOD.slice(0, 42)}9`,
  'a new line at the end': `${GOOD}\n`,
};
for (const [name, text] of Object.entries(NO_KEYS)) {
  test(`${name}: no public key, refused`, (t) => {
    t.truthy(pairKey(freshKeyPair(), GOOD, BINDING));
    t.is(pairKey(freshKeyPair(), text, BINDING), undefined);
  });
}

test('whatever is told as a public key, there is a key of 32 bytes or none', (t) => {
  const own = freshKeyPair();
  const text = fc.oneof(
    fc.string(),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => Buffer.from(b).toString('base64url')),
  );
  const property = fc.property(text, (theirs) => [32, undefined].includes(pairKey(own, theirs, BINDING)?.length));
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 500 }));
});
