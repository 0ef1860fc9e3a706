/** A TURN server that does not do what it is asked: what is told of it, and when it is asked again. */
import test from 'ava';
import type { TurnFailureCode } from '../../infra/turn/failure.ts';
import { Rehearsal } from './rehearsal.ts';
import { ACCOUNT, refused } from './scripted-server.ts';

function failureOf(turn: Rehearsal) {
  const { state } = turn.client;
  if (state.kind !== 'failed') throw new Error(`It is ${state.kind}.`);
  return state.failure;
}

test('a silent server is asked four times, and named after 3 s', (t) => {
  const turn = new Rehearsal();
  turn.server.isSilent = true;
  turn.open().run(2999);
  t.is(turn.client.state.kind, 'allocating');
  turn.run(1);
  t.deepEqual(
    turn.sent.map(({ atMs }) => atMs),
    [0, 200, 600, 1400],
  );
  t.deepEqual(failureOf(turn), {
    code: 'turn.silent',
    text: 'The TURN server 192.0.2.1:3478 does not answer. Check host and port of --turn, and whether UDP reaches it.',
  });
});

test('it is asked again after 5 s, then later and later, at last each minute, and at once when we are told to', (t) => {
  const turn = new Rehearsal();
  turn.server.isSilent = true;
  turn.open().run(300_000);
  const begun = turn.sent.filter((_, index) => index % 4 === 0).map(({ atMs }) => atMs / 1000);
  t.deepEqual(begun, [0, 8, 21, 44, 87, 150, 213, 276]);
  turn.server.isSilent = false;
  t.is(turn.open().run(1000).client.state.kind, 'allocated');
});

test('a wrong password is told as such', (t) => {
  const turn = new Rehearsal({ account: { ...ACCOUNT, password: 'wrong' } }).open().run(1000);
  t.is(turn.sent.length, 2);
  const { code, text } = failureOf(turn);
  t.is(code, 'turn.unauthorized');
  t.regex(text, /refuses the user "anna".*user and password of --turn/);
  t.false(text.includes('wrong'));
});

test('a server whose nonces are always stale is not asked for ever', (t) => {
  const turn = new Rehearsal();
  for (let times = 0; times < 10; times += 1) {
    turn.server.script.push({ ...refused(438, 'Stale Nonce'), realm: 'example.org', nonce: 'nonce-1' });
  }
  turn.open().run(1000);
  t.is(failureOf(turn).code, 'turn.refused');
  t.is(turn.sent.length, 4);
});

const CODES: readonly (readonly [number, TurnFailureCode])[] = [
  [403, 'turn.forbidden'],
  [441, 'turn.unauthorized'],
  [486, 'turn.quota'],
  [508, 'turn.capacity'],
  [500, 'turn.refused'],
];

for (const [error, expected] of CODES) {
  test(`error ${error} is ${expected}, and tried again`, (t) => {
    const turn = new Rehearsal();
    turn.server.script.push(refused(error));
    turn.open().run(1000);
    const { code, text } = failureOf(turn);
    t.is(code, expected);
    t.regex(text, /^The TURN server 192\.0\.2\.1:3478 .*\.$/);
    t.is(turn.run(5000).client.state.kind, 'allocated');
  });
}

test('neither family is told as that', (t) => {
  const turn = new Rehearsal();
  turn.server.script.push(refused(440), refused(440));
  t.is(failureOf(turn.open().run(1000)).code, 'turn.family');
});

test('what the server writes goes to a terminal only as far as it is harmless', (t) => {
  const turn = new Rehearsal();
  turn.server.script.push(refused(500, `\u001b[2Jrm${'x'.repeat(200)}`));
  const { text } = failureOf(turn.open().run(1000));
  t.true(text.includes('([2Jrmxxx'));
  t.true(text.length < 150);
});

test('a success without an address is none', (t) => {
  const turn = new Rehearsal();
  turn.server.script.push({ lifetimeS: 600 });
  t.regex(failureOf(turn.open().run(1000)).text, /names no address/);
});
