/** What people write to each other, between real peers. */
import test from 'ava';
import type { ChatMessage } from '../../actors/call/chat.ts';
import { connectNats } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { decodeMessage, encodeMessage } from '../../machines/messages.ts';
import { Arrivals } from './arrivals.ts';
import { joinCall, sees } from './calls.ts';

const HOSTILE = '</script>\n<img src=x onerror=alert(1)>';

test('what is written gets to whom it is for, is in the log, and is kept for a page that comes back, not for who joins', async (t) => {
  await using server = await startNatsServer();
  const a = await joinCall(t, server.url, '--id', 'A', '--name', 'Anna', '--source', 'none');
  const b = await joinCall(t, server.url, '--id', 'B', '--source', 'none');
  await Promise.all([a.views.first(sees('B')), b.views.first(sees('A'))]);
  t.is(b.call.participant.view?.members.get('A')?.name, 'Anna');
  t.like(b.call.status(), { members: [{ id: 'A', name: 'Anna' }] });
  const heard = new Arrivals<ChatMessage>();
  const stop = b.call.onChat(heard.add);
  const said = a.call.participant.say(HOSTILE);
  const { atMs, ...message } = await heard.first(({ from }) => from === 'A');
  t.deepEqual(message, { from: 'A', to: 'all', text: HOSTILE });
  t.true(Math.abs(atMs - said.atMs) < 60_000);
  t.like(await b.log.first(({ event }) => event === 'chat.received'), {
    other: 'A',
    to: 'all',
    text: HOSTILE,
    level: 'info',
  });
  t.true(b.call.status().lines.includes(`A writes: “${HOSTILE.replace('\n', '·')}”`));
  a.call.participant.say('psst', 'B');
  t.is((await heard.first(({ text }) => text === 'psst')).to, 'B');
  stop();
  b.call.participant.say('yes?');
  t.deepEqual(
    b.call.participant.chat.map(({ text }) => text),
    [HOSTILE, 'psst', 'yes?'],
  );
  const late = await joinCall(t, server.url, '--id', 'C', '--source', 'none');
  await late.views.first(sees('A'));
  t.deepEqual(late.call.participant.chat, []);
});

test('a member that writes without end is heard as far as people can read, and told of once', async (t) => {
  await using server = await startNatsServer();
  await using nats = await connectNats({ url: server.url, id: 'B' });
  const profiles = new Arrivals<string>();
  nats.subscribe('rpr.v2.main.B.all.profile', () => undefined);
  nats.subscribe('rpr.v2.main.A.*.profile', (_, bytes) => profiles.add(new TextDecoder().decode(bytes)));
  const a = await joinCall(t, server.url, '--id', 'A', '--source', 'none');
  const own = decodeMessage('profile', 'B', await profiles.first(() => true));
  if (!('kind' in own) || own.kind !== 'profile') throw new Error('A tells no profile');
  let seq = 0;
  const publish = (message: Parameters<typeof encodeMessage>[0]) =>
    nats.publish(`rpr.v2.main.B.all.${message.kind}`, new TextEncoder().encode(encodeMessage(message, 1, ++seq)));
  publish({ kind: 'profile', body: own.body });
  await a.views.first(sees('B'));
  for (let count = 0; count < 60; count++) publish({ kind: 'chat', body: { text: `${count}` } });
  publish({ kind: 'bye', body: { reason: 'left' } });
  await a.log.first(({ event }) => event === 'member.left');
  const heard = a.call.participant.chat.map(({ text }) => text);
  t.deepEqual(
    heard.slice(0, 10),
    Array.from({ length: 10 }, (_, index) => `${index}`),
  );
  t.true(heard.length < 15, `${heard.length} at once`);
  t.is(a.log.all.filter(({ event }) => event === 'message.dropped').length, 1);
});
