/** Every member tells strangers from where they came: rightly, seldom, and in few bytes. */
import test from 'ava';
import fc from 'fast-check';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { StunMessage } from '../../infra/stun/message.ts';
import { readStun } from '../../infra/stun/read.ts';
import { StunServer } from '../../infra/stun/server.ts';
import { type WriteOptions, writeStun } from '../../infra/stun/write.ts';
import { anyMessage } from './messages.ts';

const FROM: Endpoint = { host: '192.0.2.1', port: 5000 };
const PLAIN: StunMessage = { class: 'request', method: 'binding', transactionId: '00112233445566778899aabb' };

function answered(message: StunMessage, options?: WriteOptions, from = FROM): Uint8Array | undefined {
  const received = readStun(writeStun(message, options));
  return received && new StunServer().answer(received, from, 0);
}

/** How many of so many requests at one time are answered, each from a host of its own or all from one. */
function answers(server: StunServer, count: number, nowMs: number, hosts: 'one host' | 'many hosts'): number {
  const request = readStun(writeStun(PLAIN));
  return Array.from({ length: count }, (_, index) => {
    const host = hosts === 'one host' ? FROM.host : `198.51.${index >> 8}.${index & 0xff}`;
    return request && server.answer(request, { host, port: 5000 }, nowMs);
  }).filter((answer) => answer !== undefined).length;
}

for (const from of [FROM, { host: '2001:db8::1', port: 5000 }]) {
  test(`a request from ${from.host} is answered with that address`, (t) => {
    const { transactionId } = PLAIN;
    const answer = readStun(answered(PLAIN, {}, from) ?? new Uint8Array(0));
    t.like(answer, { class: 'success', method: 'binding', transactionId, mappedAddress: from, hasFingerprint: true });
  });
}

test('without a fingerprint in the request there is none in the answer', (t) => {
  t.is(answered(PLAIN, { fingerprint: false })?.length, 32);
});

test('what must be understood and is not, is told', (t) => {
  const request = Buffer.from('000100042112a44200112233445566778899aabb00240000', 'hex');
  const received = readStun(request);
  const answer = readStun((received && new StunServer().answer(received, FROM, 0)) ?? new Uint8Array(0));
  t.like(answer, { class: 'error', error: { code: 420, reason: '' }, unknownAttributes: [0x24] });
});

test('checks of members, answers and what is not binding get none', (t) => {
  t.is(answered({ ...PLAIN, username: 'B:A' }), undefined);
  t.is(answered(PLAIN, { integrity: { hash: 'sha256', key: Buffer.from('key') } }), undefined);
  t.is(answered({ ...PLAIN, class: 'success' }), undefined);
  t.is(answered({ ...PLAIN, class: 'indication' }), undefined);
  t.is(answered({ ...PLAIN, method: 'allocate' }), undefined);
});

test('no answer is more than an address longer than its request', (t) => {
  const unknown = fc.array(fc.integer({ min: 0x7000, max: 0x7fff }), { maxLength: 20 });
  const property = fc.property(anyMessage, unknown, fc.ipV6(), (message, types, host) => {
    const plain = writeStun({ ...message, class: 'request', method: 'binding' }, { fingerprint: false });
    const attributes = Buffer.concat(types.map((type) => Buffer.from([type >> 8, type & 0xff, 0, 0])));
    const request = Buffer.concat([plain, attributes]);
    request.writeUInt16BE(request.length - 20, 2);
    const received = readStun(request);
    const answer = received && new StunServer().answer(received, { host, port: 1 }, 0);
    t.true((answer?.length ?? 0) <= request.length + 24);
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});

test('one host gets 10 answers at once and 5 a second, and others are answered meanwhile', (t) => {
  const server = new StunServer();
  t.is(answers(server, 100, 0, 'one host'), 10);
  t.is(answers(server, 5, 0, 'many hosts'), 5);
  t.is(answers(server, 100, 1000, 'one host'), 5);
});

test('all hosts together get 50 answers at once and 20 a second', (t) => {
  const server = new StunServer();
  t.is(answers(server, 1000, 0, 'many hosts'), 50);
  t.is(answers(server, 1000, 1000, 'many hosts'), 20);
  t.is(answers(server, 1000, 3_600_000, 'many hosts'), 50);
});

test('who is refused has lost nothing by it', (t) => {
  const server = new StunServer();
  answers(server, 100, 0, 'one host');
  t.is(answers(server, 100, 199, 'one host'), 0);
  t.is(answers(server, 100, 200, 'one host'), 1);
});
