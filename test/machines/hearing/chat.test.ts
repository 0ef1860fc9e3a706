/** What people write: it gets to whom it is for, once, and nobody who is not in the room gets through with anything. */
import test from 'ava';
import { chatMachine } from '../../../machines/chat/chat.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Chat } from '../../../machines/ports.ts';
import { alone } from '../harness.ts';
import { member, viewOf } from '../members.ts';
import { Room } from '../room.ts';

const heardBy = (of: Room, id: PeerId) =>
  of
    .journalOf(id)
    .flatMap((entry) => (entry.type === 'chat.received' ? [`${entry.peer}>${entry.to} ${entry.text}`] : []));

test('a message to all gets to all, one to a member to nobody else, and neither to a plain endpoint or to who comes later', (t) => {
  const it = new Room({ delayMs: () => 20 });
  for (const [epoch, id] of ['A', 'B', 'C'].entries()) it.join(member(id, { epoch }));
  it.join(member('P', { epoch: 4, compatible: false }));
  it.run(2000);
  it.send('A', { type: 'chat.say', to: 'all', text: 'hello' });
  it.send('B', { type: 'chat.say', to: 'A', text: 'psst' });
  it.run(100);
  it.join(member('D', { epoch: 5 }));
  it.run(2000);
  t.deepEqual(heardBy(it, 'A'), ['B>A psst']);
  t.deepEqual(heardBy(it, 'B'), ['A>all hello']);
  t.deepEqual(heardBy(it, 'C'), ['A>all hello']);
  for (const id of ['P', 'D']) t.deepEqual(heardBy(it, id), []);
});

test('one who has not joined yet says nothing', (t) => {
  const it = new Room({ delayMs: () => 20 });
  it.join(member('A'));
  it.send('A', { type: 'chat.say', to: 'all', text: 'hello' });
  it.run(2000);
  t.false(it.published.some(({ message }) => message.kind === 'chat'));
});

const chat = (from: PeerId, epoch: number, seq: number): Chat => ({
  kind: 'chat',
  from,
  epoch,
  seq,
  body: { text: `${seq}` },
});

test('copies, strangers, and members of another start are not heard; what is lost leaves nothing to see', (t) => {
  const [A, B] = [member('A'), member('B', { epoch: 7 })];
  const harness = alone({ machine: chatMachine, input: { view: viewOf(A, B) }, events: [] });
  const heard = () => harness.notes.map(({ peer, to, text }) => `${peer}>${to} ${text}`);
  const take = (message: Chat) => harness.send({ type: 'bus.chat', message, alone: false });
  for (const seq of [3, 3, 2, 9, 3]) take(chat('B', 7, seq));
  take(chat('X', 1, 1));
  take(chat('B', 6, 10));
  take(chat('B', 8, 10));
  t.deepEqual(heard(), ['B>all 3', 'B>all 9']);
  harness.send({ type: 'view.changed', view: viewOf(A, member('B', { epoch: 8 })) });
  take(chat('B', 8, 1));
  harness.send({ type: 'view.changed', view: viewOf(A) });
  take(chat('B', 8, 2));
  t.deepEqual(heard(), ['B>all 3', 'B>all 9', 'B>all 1']);
});
