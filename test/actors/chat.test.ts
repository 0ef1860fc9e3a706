/** What is kept of a chat, and what keeps us from writing. */
import test, { type ExecutionContext } from 'ava';
import { Chat, ChatError, type ChatMessage, type ChatStanding } from '../../actors/call/chat.ts';
import { chatTextSchema, MAX_CHAT_TEXT } from '../../machines/messages.ts';
import { memberOf, viewOf } from './observed-call.ts';

function start(changes: Partial<ChatStanding> = {}) {
  const plain = memberOf('P', [], { compatible: false });
  const standing = { view: viewOf(memberOf('A', []), memberOf('B', []), plain), isJoined: true, isBusAway: false };
  const [sent, told]: [string[], ChatMessage[]] = [[], []];
  const clock = { nowMs: 1000 };
  const chat = new Chat({
    self: 'A',
    standing: () => ({ ...standing, ...changes }),
    send: (to, text) => void sent.push(`${to} ${text}`),
    now: () => clock.nowMs,
    onMessage: (message) => void told.push(message),
  });
  return { chat, sent, told, clock };
}

const codeOf = (t: ExecutionContext, work: () => unknown) => t.throws(work, { instanceOf: ChatError }).code;

test('what we say and what we hear is kept and told alike, the newest 200', (t) => {
  const { chat, sent, told } = start();
  t.deepEqual(chat.say('hello'), { from: 'A', to: 'all', text: 'hello', atMs: 1000 });
  chat.say('psst', 'B');
  chat.take('B', 'A', 'yes?');
  t.deepEqual(sent, ['all hello', 'B psst']);
  t.deepEqual(chat.messages, told);
  t.deepEqual(
    told.map(({ from, to, text }) => `${from}>${to} ${text}`),
    ['A>all hello', 'A>B psst', 'B>A yes?'],
  );
  for (let count = 0; count < 250; count++) chat.take('B', 'all', `${count}`);
  t.is(chat.messages.length, 200);
  t.is(chat.messages[0]?.text, '50');
});

test('what others would refuse is left out or not sent', (t) => {
  const { chat, sent, clock } = start();
  chat.say('\r\na\r\nb\rc\u0007\u001b[2J\u202ed\ud800\t  \n ');
  t.deepEqual(sent, ['all a\nb\nc[2Jd']);
  for (const text of ['', ' \n\t', '\u0000\u202e'])
    t.is(
      codeOf(t, () => chat.say(text)),
      'chat.empty',
    );
  t.is(
    codeOf(t, () => chat.say('x'.repeat(MAX_CHAT_TEXT + 1))),
    'chat.too-long',
  );
  clock.nowMs += 60_000;
  const { text } = chat.say('x'.repeat(MAX_CHAT_TEXT));
  t.true(chatTextSchema.safeParse(text).success);
  t.is(sent.length, 2);
});

test('who has no way to anybody is told so, and more than others take is not sent', (t) => {
  for (const away of [{ isJoined: false }, { isBusAway: true }, { view: undefined }])
    t.is(
      codeOf(t, () => start(away).chat.say('x')),
      'chat.away',
    );
  const { chat, clock, sent } = start();
  for (const to of ['A', 'P', 'X'])
    t.is(
      codeOf(t, () => chat.say('x', to)),
      'chat.unknown',
    );
  t.is(
    codeOf(t, () => start({ view: viewOf(memberOf('A', [], { compatible: false })) }).chat.say('x')),
    'chat.unknown',
  );
  for (let count = 0; count < 8; count++) chat.say('x');
  t.is(
    codeOf(t, () => chat.say('x')),
    'chat.flood',
  );
  clock.nowMs += 1000;
  chat.say('x');
  t.is(sent.length, 9);
  t.is(chat.messages.length, 9);
});
