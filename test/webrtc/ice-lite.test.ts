import test from 'ava';
import { verifyStun } from '../../infra/stun/integrity.ts';
import { readStun } from '../../infra/stun/read.ts';
import { writeStun } from '../../infra/stun/write.ts';
import { IceLite } from '../../infra/webrtc/ice-lite.ts';
import { writeCheck } from './checks.ts';

const PAGE = { ufrag: 'page', password: 'P'.repeat(24) };
const FROM = { host: '127.0.0.1', port: 4000 };
const OTHER = { host: '192.0.2.1', port: 4001 };

function begun() {
  const ice = new IceLite(0);
  ice.begin(PAGE, 0);
  const { ufrag = '', password = '' } = ice.local ?? {};
  return { ice, username: `${ufrag}:${PAGE.ufrag}`, password };
}

test('a check with the right name and password is answered, and told where it came from', (t) => {
  const { ice, username, password } = begun();
  const checked = ice.check(writeCheck({ username, password, transactionId: 'ab'.repeat(12) }), FROM, 1);
  if (checked.kind !== 'answer') return t.fail();
  t.like(readStun(checked.bytes), { class: 'success', transactionId: 'ab'.repeat(12), mappedAddress: FROM });
  t.true(verifyStun(checked.bytes, Buffer.from(password)));
  t.true(ice.isValid(FROM.host, FROM.port));
  t.false(ice.isValid(OTHER.host, OTHER.port));
});

test('without them nothing is answered, and nobody gets in', (t) => {
  const { ice, username, password } = begun();
  const plain = writeStun({ class: 'request', method: 'binding', transactionId: '00'.repeat(12), username });
  const answer = { class: 'success', method: 'binding', transactionId: '00'.repeat(12), username } as const;
  const sealed = { integrity: { hash: 'sha1', key: Buffer.from(password) } } as const;
  const wrong = [
    writeCheck({ username, password: PAGE.password }),
    writeCheck({ username: `x${username}`, password }),
    writeCheck({ username: username.split(':').reverse().join(':'), password }),
    ...[plain, writeStun(answer, sealed), writeStun({ ...answer, class: 'request', method: 'allocate' }, sealed)],
    Buffer.alloc(0),
    Buffer.alloc(600),
  ];
  for (const bytes of wrong) t.is(ice.check(bytes, FROM, 1).kind, 'refused');
  t.false(ice.isValid(FROM.host, FROM.port));
  t.is(ice.remote, null);
  t.is(ice.expiresAtMs, 30_000);
});

test('it sends to where the page has nominated, and until then to where it came from last', (t) => {
  const { ice, username, password } = begun();
  ice.check(writeCheck({ username, password }), FROM, 1);
  t.deepEqual(ice.remote, FROM);
  ice.check(writeCheck({ username, password, nominates: true }), OTHER, 2);
  ice.check(writeCheck({ username, password }), FROM, 3);
  t.deepEqual(ice.remote, OTHER);
});

test('each check is consent for 30 s', (t) => {
  const { ice, username, password } = begun();
  ice.check(writeCheck({ username, password }), FROM, 20_000);
  t.is(ice.expiresAtMs, 50_000);
});

test('what has to be understood and is not is told', (t) => {
  const { ice, username, password } = begun();
  const checked = ice.check(writeCheck({ username, password, more: [0x7777] }), FROM, 1);
  if (checked.kind !== 'answer') return t.fail();
  t.like(readStun(checked.bytes), {
    class: 'error',
    error: { code: 420, reason: 'Unknown Attribute' },
    unknownAttributes: [0x7777],
  });
  t.false(ice.isValid(FROM.host, FROM.port));
});

test('begun anew, the old name is good until the new one is used', (t) => {
  const { ice, username, password } = begun();
  ice.begin({ ufrag: 'anew', password: 'N'.repeat(24) }, 1);
  t.is(ice.check(writeCheck({ username, password }), FROM, 2).kind, 'answer');
  const { local } = ice;
  t.not(local?.password, password);
  const anew = { username: `${local?.ufrag}:anew`, password: local?.password ?? '' };
  t.is(ice.check(writeCheck(anew), FROM, 3).kind, 'answer');
  t.is(ice.check(writeCheck({ username, password }), FROM, 4).kind, 'refused');
});

test('a page of many addresses does not fill the memory, and keeps the one it has chosen', (t) => {
  const { ice, username, password } = begun();
  ice.check(writeCheck({ username, password, nominates: true }), FROM, 1);
  for (let port = 5000; port < 5100; port++)
    ice.check(writeCheck({ username, password }), { host: '127.0.0.1', port }, 2);
  t.is(Array.from({ length: 100 }, (_, at) => ice.isValid('127.0.0.1', 5000 + at)).filter(Boolean).length, 8);
  t.true(ice.isValid(FROM.host, FROM.port));
});
