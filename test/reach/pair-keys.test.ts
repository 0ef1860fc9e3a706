/** A check counts only between the two processes that it was made for, in their room, as it was written. */
import test from 'ava';
import { Checks } from '../../actors/reach/checks.ts';
import { type Incarnation, PairKeys } from '../../actors/reach/pair-keys.ts';
import { freshKeyPair, type KeyPair } from '../../infra/stun/pair-key.ts';
import { freshTransactionId, writeStun } from '../../infra/stun/write.ts';

const FROM = { host: '198.51.100.1', port: 5000 };
const KEYS: Readonly<Record<'A' | 'B' | 'M', KeyPair>> = { A: freshKeyPair(), B: freshKeyPair(), M: freshKeyPair() };
const A: Incarnation = { id: 'A', epoch: 1 };
const B: Incarnation = { id: 'B', epoch: 2 };
/** 32 zero bytes: with it the shared secret would be known to all. */
const LOW_ORDER = 'A'.repeat(43);

interface End {
  readonly keys: PairKeys;
  readonly checks: Checks;
}

function end(
  own: KeyPair,
  self: Incarnation,
  other: Incarnation & { readonly key: string | null },
  room = 'main',
): End {
  const keys = new PairKeys(own, room, self);
  keys.follow([other]);
  return { keys, checks: new Checks(self.id, keys) };
}

const atA = (other = { ...B, key: KEYS.B.publicKey as string | null }, room?: string, self = A) =>
  end(KEYS.A, self, other, room);
const atB = (other = { ...A, key: KEYS.A.publicKey as string | null }, room?: string, self = B) =>
  end(KEYS.B, self, other, room);

/** Type, length and value. */
const FINGERPRINT_BYTES = 8;

const nobody = () => undefined;
const asked = 'cafe'.repeat(6);

function request({ checks }: End, peer: string): Uint8Array {
  const bytes = checks.request(peer, asked);
  if (bytes === undefined) throw new Error('no key');
  return bytes;
}

let serials = 0;

/** A check as the key's owner can write it. */
function sealed(key: Uint8Array, username: string): Uint8Array {
  serials += 1;
  return writeStun(
    { class: 'request', method: 'binding', transactionId: asked, username, serial: serials },
    { integrity: { hash: 'sha256', key } },
  );
}

test('what one end asks the other believes, and its answer is believed', (t) => {
  const [a, b] = [atA(), atB()];
  t.deepEqual(b.checks.read(request(a, 'B'), nobody), { type: 'asked', peer: 'A', transaction: asked });
  const answer = b.checks.answer('A', asked, FROM);
  t.deepEqual(
    a.checks.read(answer ?? new Uint8Array(), () => 'B'),
    { type: 'answered', transaction: asked, mapped: FROM },
  );
});

test('who is asked through a channel of a TURN server does not say that it sees the asker at that server', (t) => {
  const answer = atB().checks.answer('A', asked, null);
  const arrived = atA().checks.read(answer ?? new Uint8Array(), () => 'B');
  t.deepEqual(arrived, { type: 'answered', transaction: asked, mapped: undefined });
});

const OTHERS: Readonly<Record<string, () => End>> = {
  'another room': () => atA(undefined, 'other'),
  'another process of the asker': () => atA(undefined, 'main', { ...A, epoch: 9 }),
  'another process of the asked': () => atA({ ...B, epoch: 9, key: KEYS.B.publicKey }),
  'another member with a key of its own': () => end(KEYS.M, A, { ...B, key: KEYS.B.publicKey }),
  'another key of the asked': () => atA({ ...B, key: KEYS.M.publicKey }),
};
for (const [name, make] of Object.entries(OTHERS)) {
  test(`${name}: neither its checks nor its answers are believed`, (t) => {
    const [other, b] = [make(), atB()];
    t.deepEqual(b.checks.read(request(other, 'B'), nobody), { type: 'bad' });
    const answer = other.checks.answer('B', asked, FROM);
    t.deepEqual(
      b.checks.read(answer ?? new Uint8Array(), () => 'A'),
      { type: 'bad' },
    );
  });
}

for (const [name, key] of [
  ['of low order', LOW_ORDER],
  ['a text that is none', 'no key'],
  ['none', null],
] as const) {
  test(`a member's key that is ${name} makes no key of the pair: nothing is written and nothing believed`, (t) => {
    const b = atB({ ...A, key });
    t.is(b.keys.of('A'), undefined);
    t.is(b.checks.request('A', asked), undefined);
    t.is(b.checks.answer('A', asked, FROM), undefined);
    t.deepEqual(b.checks.read(request(atA(), 'B'), nobody), { type: 'bad' });
    t.deepEqual(b.checks.read(sealed(new Uint8Array(32), 'B:A'), nobody), { type: 'bad' });
  });
}

test('a member that changes its key, or is gone, has not the key that it had', (t) => {
  const b = atB();
  const before = b.keys.of('A');
  b.keys.follow([{ ...A, key: KEYS.A.publicKey }]);
  t.is(b.keys.of('A'), before, 'it is made once');
  b.keys.follow([{ ...A, key: KEYS.M.publicKey }]);
  t.notDeepEqual(b.keys.of('A'), before);
  b.keys.follow([]);
  t.is(b.keys.of('A'), undefined);
});

test('of a check no bit may be another one', (t) => {
  const good = request(atA(), 'B');
  for (let bit = 0; bit < 8 * good.length; bit += 1) {
    const bytes = Uint8Array.from(good);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const arrived = atB().checks.read(bytes, nobody);
    const isSealed = bit < 8 * (good.length - FINGERPRINT_BYTES);
    if (isSealed || arrived.type !== 'asked') t.is(arrived.type, 'bad', `bit ${bit}`);
    else t.is(arrived.transaction, asked, 'behind the seal nothing is read (RFC 8489 section 14.6)');
  }
  const b = atB();
  for (let length = 0; length < good.length; length += 1) {
    t.is(b.checks.read(good.subarray(0, length), nobody).type, 'bad', `the first ${length} bytes`);
  }
});

test('a check counts once, from wherever it comes again, and a late one counts still', (t) => {
  const [a, b] = [atA(), atB()];
  const checks = Array.from({ length: 100 }, () => request(a, 'B'));
  const [first, second] = [checks[0] ?? new Uint8Array(), checks[1] ?? new Uint8Array()];
  const read = (bytes: Uint8Array) => b.checks.read(bytes, nobody).type;
  t.deepEqual([read(second), read(first)], ['asked', 'asked'], 'one overtook the other');
  t.deepEqual([read(second), read(first)], ['bad', 'bad']);
  t.true(checks.slice(2).every((bytes) => read(bytes) === 'asked'));
  t.true(
    checks.every((bytes) => read(bytes) === 'bad'),
    'however long ago',
  );
});

test('a member that had lost sight of us and meets us again is believed: it counts on', (t) => {
  const [a, b] = [atA(), atB()];
  t.is(b.checks.read(request(a, 'B'), nobody).type, 'asked');
  a.keys.follow([]);
  a.keys.follow([{ ...B, key: KEYS.B.publicKey }]);
  t.is(b.checks.read(request(a, 'B'), nobody).type, 'asked');
});

test('a check without a number is none', (t) => {
  const b = atB();
  const key = b.keys.of('A') ?? new Uint8Array();
  const bare = { class: 'request', method: 'binding', transactionId: asked, username: 'B:A' } as const;
  t.is(b.checks.read(writeStun(bare, { integrity: { hash: 'sha256', key } }), nobody).type, 'bad');
});

test('a check for somebody else, and one with more in its name than two ids, is nobody’s', (t) => {
  const b = atB();
  const key = b.keys.of('A') ?? new Uint8Array();
  const named = (username: string) => sealed(key, username);
  t.is(b.checks.read(named('B:A'), nobody).type, 'asked');
  for (const name of ['X:A', 'B:A:A', 'B', 'B:', ':A', 'B:X', ''])
    t.is(b.checks.read(named(name), nobody).type, 'bad', name);
});

test('our own check that comes back is none of the other', (t) => {
  const a = atA();
  t.is(a.checks.read(request(a, 'B'), () => 'B').type, 'bad');
});

test('an answer to what was never asked is nobody’s; an error is no answer', (t) => {
  const [a, b] = [atA(), atB()];
  t.is(a.checks.read(b.checks.answer('A', freshTransactionId(), FROM) ?? new Uint8Array(), nobody).type, 'other');
  const error = writeStun(
    { class: 'error', method: 'binding', transactionId: asked, error: { code: 400, reason: '' } },
    { integrity: { hash: 'sha256', key: a.keys.of('B') ?? new Uint8Array() } },
  );
  t.is(a.checks.read(error, () => 'B').type, 'other');
});

test('an answer without a seal is not believed, whoever knows the transaction', (t) => {
  const bare = writeStun({ class: 'success', method: 'binding', transactionId: asked, mappedAddress: FROM });
  t.is(atA().checks.read(bare, () => 'B').type, 'bad');
});
