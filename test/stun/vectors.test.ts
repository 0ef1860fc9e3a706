/** The messages that RFC 5769 gives: they are read, their MACs are right, and with one bit changed they are not. */
import test from 'ava';
import { isStun } from '../../infra/stun/attributes.ts';
import { longTermKey, verifyStun } from '../../infra/stun/integrity.ts';
import { readStun } from '../../infra/stun/read.ts';
import { IPV4_ANSWER, IPV6_ANSWER, LONG_TERM, LONG_TERM_REQUEST, REQUEST, SHORT_TERM_KEY } from './vectors.ts';

const PORT = 32_853;
const ANSWERED = { class: 'success', method: 'binding', software: 'test vector', notUnderstood: [] } as const;

test('a request is read, and what it asks for beyond us is told', (t) => {
  t.deepEqual(readStun(REQUEST), {
    ...{ class: 'request', method: 'binding', transactionId: 'b7e7a701bc34d686fa87dfae' },
    ...{ software: 'STUN test client', username: 'evtj:h6vY', notUnderstood: [0x24] },
    ...{ hasIntegrity: true, hasFingerprint: true },
  });
});

test('answers tell an IPv4 and an IPv6 address', (t) => {
  t.like(readStun(IPV4_ANSWER), { ...ANSWERED, mappedAddress: { host: '192.0.2.1', port: PORT } });
  const host = '2001:db8:1234:5678:11:2233:4455:6677';
  t.like(readStun(IPV6_ANSWER), { ...ANSWERED, mappedAddress: { host, port: PORT } });
});

test('a request with long-term credentials is read', (t) => {
  const { username, realm, nonce } = LONG_TERM;
  t.like(readStun(LONG_TERM_REQUEST), { username, realm, nonce, hasIntegrity: true, hasFingerprint: false });
});

const longTerm = longTermKey(LONG_TERM.username, LONG_TERM.realm, LONG_TERM.password);
for (const [name, bytes, key] of [
  ['request', REQUEST, SHORT_TERM_KEY],
  ['IPv4 answer', IPV4_ANSWER, SHORT_TERM_KEY],
  ['IPv6 answer', IPV6_ANSWER, SHORT_TERM_KEY],
  ['request with long-term credentials', LONG_TERM_REQUEST, longTerm],
] as const) {
  test(`the MAC of the ${name} is right with its key only, and no bit before its end may change`, (t) => {
    t.true(isStun(bytes, bytes.length));
    t.true(verifyStun(bytes, key));
    t.false(verifyStun(bytes, Buffer.from('another')));
    const fingerprint = readStun(bytes)?.hasFingerprint ? 8 : 0;
    for (let bit = 0; bit < 8 * (bytes.length - fingerprint); bit += 1) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      t.false(verifyStun(changed, key), `bit ${bit}`);
    }
  });
}

test('with a wrong fingerprint nothing is read', (t) => {
  for (let at = IPV4_ANSWER.length - 4; at < IPV4_ANSWER.length; at += 1) {
    const changed = Uint8Array.from(IPV4_ANSWER);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.is(readStun(changed), undefined);
  }
});
