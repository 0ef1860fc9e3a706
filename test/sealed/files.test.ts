/** What a user's folder holds: the own key, by which key others are known, and who is in a call. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseCall } from '../../actors/identity/call-file.ts';
import { fingerprintOf } from '../../actors/identity/fingerprint.ts';
import { keptIdentity } from '../../actors/identity/identity-file.ts';
import { MAX_KNOWN, readKnown, writeKnown } from '../../actors/identity/known-file.ts';
import { KnownMembers } from '../../actors/identity/known-members.ts';
import { type CodeMember, roomCode } from '../../actors/identity/room-code.ts';
import { WORDS } from '../../actors/identity/words.ts';
import { freshIdentity } from '../../infra/crypto/identity-key.ts';
import { configFolder } from '../../infra/process/config-folder.ts';

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rpr-keys-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const modeOf = (path: string) => statSync(path).mode & 0o777;
const open = (t: ExecutionContext, path: string) =>
  new KnownMembers({ path, onFailed: (error) => t.fail(error.message) });
const KEYS = Array.from({ length: 8 }, () => freshIdentity().publicKey);
const [ONE = '', TWO = '', THREE = ''] = KEYS;

test('an identity is made where there is none, for its owner alone, and is the same from then on', (t) => {
  const path = join(folderOf(t), 'new', 'identity.pem');
  const first = keptIdentity(path);
  t.is(modeOf(path), 0o600);
  t.is(modeOf(join(path, '..')), 0o700);
  t.is(keptIdentity(path).publicKey, first.publicKey);
});

test('a key that others can read is refused, and it is said how to mend that', (t) => {
  const path = join(folderOf(t), 'identity.pem');
  const { publicKey } = keptIdentity(path);
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    chmodSync(path, mode);
    t.throws(() => keptIdentity(path), { code: 'identity.exposed', message: /chmod 600/ }, mode.toString(8));
  }
  chmodSync(path, 0o600);
  t.is(keptIdentity(path).publicKey, publicKey);
});

test('a damaged key is one clear error, and stays as it is', (t) => {
  const path = join(folderOf(t), 'identity.pem');
  for (const text of ['', 'no key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n']) {
    writeFileSync(path, text, { mode: 0o600 });
    t.throws(() => keptIdentity(path), { code: 'identity.damaged', message: /move it away/ });
    t.is(readFileSync(path, 'utf8'), text);
  }
});

test('what is no file is no identity, and a folder that cannot be written is one clear error', (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, 'a'));
  t.throws(() => keptIdentity(join(folder, 'a')), { code: 'identity.unreadable' });
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
  t.throws(() => keptIdentity(join(folder, 'link')), { code: 'identity.unreadable' });
  writeFileSync(join(folder, 'file'), '');
  t.throws(() => keptIdentity(join(folder, 'file', 'identity.pem')), { message: /cannot be (read|written)/ });
});

test('who is met is known from then on, in other processes too', (t) => {
  const path = join(folderOf(t), 'known.json');
  const [a, b] = [open(t, path), open(t, path)];
  a.meet('X', ONE);
  b.meet('Y', TWO);
  a.close();
  b.close();
  t.is(modeOf(path), 0o600);
  const later = open(t, path);
  t.is(later.keyOf('X'), ONE);
  t.is(later.keyOf('Y'), TWO);
  t.is(later.keyOf('__proto__'), undefined);
});

test('another key is kept for the user to judge, and believed once the user has said so', (t) => {
  const path = join(folderOf(t), 'known.json');
  const known = open(t, path);
  known.meet('X', ONE);
  known.meet('X', TWO);
  t.is(known.keyOf('X'), ONE);
  known.refuse('X', TWO);
  known.refuse('X', TWO);
  t.deepEqual([...known.refused], [['X', TWO]]);
  known.close();
  t.deepEqual(readKnown(path).get('X'), { key: ONE, refused: [TWO] });
  writeKnown(path, new Map([['X', { key: TWO, refused: [] }]]));
  const running = open(t, path);
  t.is(running.keyOf('X'), TWO);
  writeKnown(path, new Map([['X', { key: THREE, refused: [] }]]));
  running.refuse('X', THREE);
  t.is(running.keyOf('X'), THREE, 'one that runs sees it as soon as that key speaks again');
  t.is(running.refused.size, 0);
});

test('whoever makes up keys and ids fills no disk', (t) => {
  const path = join(folderOf(t), 'known.json');
  const known = open(t, path);
  known.meet('X', ONE);
  for (const key of KEYS) known.refuse('X', key);
  for (let id = 0; id < MAX_KNOWN + 10; id++) known.meet(`id${id}`, ONE);
  known.close();
  const kept = readKnown(path);
  t.is(kept.size, MAX_KNOWN);
  t.is(kept.get('X')?.refused.length, 4);
});

test('a list of known members that is damaged or that others can write is one clear error, and stays as it is', (t) => {
  const path = join(folderOf(t), 'known.json');
  for (const text of ['', '{', '{"members":[{"id":"all","key":"x","refused":[]}]}']) {
    writeFileSync(path, text, { mode: 0o600 });
    t.throws(() => open(t, path), { code: 'identity.damaged', message: /move it away/ });
    t.is(readFileSync(path, 'utf8'), text);
  }
  chmodSync(path, 0o660);
  t.throws(() => open(t, path), { code: 'identity.exposed' });
});

test('without a place nobody is remembered, and nothing is written', (t) => {
  const known = new KnownMembers({ path: null, onFailed: () => t.fail() });
  known.meet('X', ONE);
  t.is(known.keyOf('X'), ONE);
  known.close();
});

const MEMBERS: readonly CodeMember[] = [
  { id: 'A', epoch: 1, key: ONE },
  { id: 'B', epoch: 2, key: TWO },
  { id: 'C', epoch: 3, key: null },
];

test('the code of a room is the same for the same members and keys, and another for any other', async (t) => {
  const code = (await roomCode('main', MEMBERS)).join(' ');
  t.regex(code, /^([a-z]+ ){7}[a-z]+$/);
  t.is((await roomCode('main', [...MEMBERS].reverse())).join(' '), code);
  const [a, b, c] = MEMBERS as [CodeMember, CodeMember, CodeMember];
  const others: [string, CodeMember[]][] = [
    ['other', [a, b, c]],
    ['main', [a, b]],
    ['main', [a, { ...b, key: THREE }, c]],
    ['main', [a, { ...b, key: null }, c]],
    ['main', [a, { ...b, epoch: 9 }, c]],
    ['main', [{ ...a, key: TWO }, { ...b, key: ONE }, c]],
  ];
  const codes = await Promise.all(others.map(async ([room, members]) => (await roomCode(room, members)).join(' ')));
  t.is(new Set([code, ...codes]).size, others.length + 1);
});

test('words cannot be taken for each other: each begins with four letters of its own', (t) => {
  t.is(WORDS.length, 256);
  t.is(new Set(WORDS.map((word) => word.slice(0, 4))).size, 256);
});

test('a key is told in few characters, and what is no file of a call is none', (t) => {
  t.regex(fingerprintOf(ONE), /^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/);
  t.not(fingerprintOf(ONE), fingerprintOf(TWO));
  t.is(parseCall('{"pid":0}'), undefined);
  t.false(existsSync(join(configFolder('rpr', { XDG_CONFIG_HOME: '/nowhere' }), 'x')));
  t.is(configFolder('rpr', { XDG_CONFIG_HOME: '/a' }), '/a/rpr');
});
