/** What comes to the media socket as STUN is answered and remembered only where a key of a pair says so. */
import test from 'ava';
import { pairKey } from '../../infra/stun/pair-key.ts';
import { readStun } from '../../infra/stun/read.ts';
import { writeStun } from '../../infra/stun/write.ts';
import { asSeenBy, Caught } from './caught.ts';

const STRANGER = { host: '203.0.113.66', port: 666 };

test('a check that was caught on its way and comes from elsewhere is neither answered nor remembered', (t) => {
  const caught = Caught.open();
  const { b, a } = caught;
  const check = caught.checkOf(a);
  const before = asSeenBy(b, a);
  const sent = caught.room.sent.length;
  for (let time = 0; time < 1000; time += 1) b.reach.takeStun(check, STRANGER);
  caught.room.run(0);
  t.is(caught.room.sent.length, sent);
  t.deepEqual(asSeenBy(b, a), before);
});

test('forged and garbled checks and answers are neither answered nor remembered', (t) => {
  const caught = Caught.open();
  const { a, b, room } = caught;
  const key = pairKey(a.keys, a.keys.publicKey, { salt: 'main', info: 'rpr pair A:1 B:2' }) ?? new Uint8Array(32);
  const request = { class: 'request', method: 'binding', transactionId: '0'.repeat(24) } as const;
  const forged = [
    writeStun({ ...request, username: 'B:A', serial: 4_000_000 }, { integrity: { hash: 'sha256', key } }),
    writeStun({ ...request, username: 'B:A', serial: 4_000_000 }, { integrity: { hash: 'sha1', key } }),
    writeStun({ ...request, username: 'B:A', serial: 4_000_000 }),
    writeStun({ ...request, username: 'B:X', serial: 1 }, { integrity: { hash: 'sha256', key } }),
    writeStun({ ...request, username: 'A:B', serial: 1 }, { integrity: { hash: 'sha256', key } }),
    writeStun({ ...request, class: 'success', mappedAddress: STRANGER }, { integrity: { hash: 'sha256', key } }),
    writeStun({ ...request, class: 'error', error: { code: 400, reason: '' } }),
    caught.checkOf(a).subarray(0, 40),
    Uint8Array.of(0, 1, 2, 3),
    new Uint8Array(),
  ];
  const [before, sent] = [asSeenBy(b, a), room.sent.length];
  for (const bytes of forged) b.reach.takeStun(bytes, STRANGER);
  room.run(0);
  t.is(room.sent.length, sent);
  t.deepEqual(asSeenBy(b, a), before);
});

test('an answer to a check of ours counts only with the seal of its pair, and once', (t) => {
  const caught = Caught.open();
  const { a, b, room } = caught;
  const check = readStun(caught.checkOf(b));
  const transactionId = check?.transactionId ?? '';
  const bare = writeStun({ class: 'success', method: 'binding', transactionId, mappedAddress: STRANGER });
  const [before, sent] = [asSeenBy(b, a), room.sent.length];
  for (let time = 0; time < 100; time += 1) b.reach.takeStun(bare, STRANGER);
  room.run(0);
  t.deepEqual(asSeenBy(b, a), before);
  t.is(room.sent.length, sent);
});

test('what was answered once is answered no more: the answer that comes again from elsewhere opens nothing', (t) => {
  const caught = Caught.open();
  const { a, b } = caught;
  const answer = caught.answerTo(b);
  const before = asSeenBy(b, a);
  b.reach.takeStun(answer, STRANGER);
  t.deepEqual(asSeenBy(b, a), before);
});

test('a member of one pair seals nothing in another’s name', (t) => {
  const caught = Caught.open();
  const { a, b, room } = caught;
  const m = room.joins('M', { host: '198.51.100.3', router: null });
  room.run(1000);
  const key = pairKey(m.keys, b.keys.publicKey, { salt: 'main', info: 'rpr pair B:2 M:3' }) ?? new Uint8Array();
  const request = { class: 'request', method: 'binding', transactionId: '0'.repeat(24), serial: 1_000_000 } as const;
  const seal = { integrity: { hash: 'sha256', key } } as const;
  const before = asSeenBy(b, a);
  b.reach.takeStun(writeStun({ ...request, username: 'B:A' }, seal), STRANGER);
  t.deepEqual(asSeenBy(b, a), before);
  const sent = room.sent.length;
  b.reach.takeStun(writeStun({ ...request, username: 'B:M' }, seal), STRANGER);
  t.true(room.sent.length > sent, 'the key is the right one for its own name');
});

test('whoever tells us of many outside addresses is one among 16: what we remember of it is bounded, and so is what we tell', (t) => {
  const caught = Caught.open('192.168.1.2');
  const { b, room } = caught;
  for (let number = 3; number < 60; number += 1)
    room.joins(`M${number}`, { host: `198.51.100.${number}`, router: null });
  room.run(5000);
  const reflexive = b.reach.own?.candidates.filter(({ kind }) => kind === 'reflexive') ?? [];
  t.is(reflexive.length, 1);
  t.is(b.reach.own?.nat, 'cone');
});
