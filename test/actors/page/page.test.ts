/** Which tab has the page of a peer, and what becomes of the call when tabs come and go. */
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../../../actors/page/messages.ts';
import { type Choice, type Ended, type JoinedCall, type JoinOutcome, Page } from '../../../actors/page/page.ts';
import { pageCodecs } from '../../../actors/page/page-codecs.ts';
import { VirtualClock } from '../virtual-clock.ts';

const LEFT: Ended = { type: 'ended', code: 'left', text: 'You have left.' };
const TAKEN: Ended = { type: 'ended', code: 'refused', text: 'There is one.' };

/** A call that keeps what is done with it. */
class ScriptedCall implements JoinedCall {
  readonly done: string[] = [];
  readonly ended: Promise<Ended>;
  #end: (ended: Ended) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  readonly page = {
    attach: () => void this.done.push('attach'),
    detach: () => void this.done.push('detach'),
    rest: () => void this.done.push('rest'),
    take: async ({ type }: { type: string }) => {
      this.done.push(type);
      if (type === 'chat') throw Object.assign(new Error('Too many.'), { code: 'chat.flood' });
    },
  };

  leave(): void {
    this.done.push('leave');
    this.#end(LEFT);
  }
}

interface Opened {
  readonly page: Page;
  readonly clock: VirtualClock;
  readonly call: ScriptedCall;
  readonly asked: Choice[];
}

async function open(t: ExecutionContext, takenIds: readonly string[] = []): Promise<Opened> {
  const clock = new VirtualClock();
  const call = new ScriptedCall();
  const asked: Choice[] = [];
  const page = await Page.open({
    server: { port: 0, title: '', assets: new Map() },
    suggested: { name: 'Ada', id: null, uploadBps: 10_000_000, meeting: { room: 'main', nats: null, key: null } },
    join: async (choice): Promise<JoinOutcome> => {
      asked.push(choice);
      return takenIds.includes(choice.id) ? { refused: TAKEN, isTaken: true } : call;
    },
    codecs: pageCodecs('VP8'),
    clock,
  });
  t.teardown(() => page.close());
  return { page, clock, call, asked };
}

/** A tab: what it says, and what it hears, message by message. */
class ScriptedTab {
  readonly socket: WebSocket;
  readonly #heard: ServerMessage[] = [];
  #wake: () => void = () => undefined;

  constructor(url: string) {
    const { host, hash, origin } = new URL(url);
    this.socket = new WebSocket(`ws://${host}/`, hash.slice(1), { origin });
    this.socket.on('message', (data) => {
      this.#heard.push(JSON.parse(String(data)));
      this.#wake();
    });
  }

  static async open(url: string): Promise<ScriptedTab> {
    const tab = new ScriptedTab(url);
    await once(tab.socket, 'open');
    return tab;
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  async next(): Promise<ServerMessage> {
    for (;;) {
      const message = this.#heard.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}

const HELLO = { type: 'hello', takeOver: false };
const JOIN = { type: 'join', name: 'Ada Lovelace', room: 'garden' };

/** A tab that is in the call. */
async function joined(page: Page): Promise<ScriptedTab> {
  const tab = await ScriptedTab.open(page.url);
  tab.say(HELLO);
  await tab.next();
  tab.say(JOIN);
  await tab.next();
  return tab;
}

/** Until the server has seen that a socket closed: nothing tells of it but what it does. */
async function settled(call: ScriptedCall, last: string): Promise<void> {
  while (call.done.at(-1) !== last) await new Promise((resolve) => setImmediate(resolve));
}

test('a tab says hello, hears what is suggested, and joins', async (t) => {
  const { page, call, asked } = await open(t);
  const tab = await ScriptedTab.open(page.url);
  tab.say({ type: 'leave' });
  t.like(await tab.next(), { type: 'error', code: 'page.hello' });
  tab.say(HELLO);
  t.like(await tab.next(), { type: 'welcome', state: 'lobby', self: { id: 'Ada', name: 'Ada', room: 'main' } });
  tab.say({ type: 'saver', on: true });
  t.like(await tab.next(), { type: 'error', code: 'page.lobby' });
  tab.say({ ...JOIN, upload: 2_000_000 });
  t.like(await tab.next(), { type: 'welcome', state: 'call', self: { id: 'Ada-Lovelace', room: 'garden' } });
  t.like(asked[0], { id: 'Ada-Lovelace', name: 'Ada Lovelace', uploadBps: 2_000_000 });
  t.deepEqual(asked[0]?.meeting, { room: 'garden', nats: null, key: null });
  tab.say(JOIN);
  t.like(await tab.next(), { type: 'error', code: 'page.joined' });
  t.deepEqual(call.done, ['attach']);
});

test('what is wrong with a message is told, and changes nothing', async (t) => {
  const { page, call } = await open(t);
  const tab = await joined(page);
  tab.say({ type: 'mute', stream: 'everything', muted: true });
  t.like(await tab.next(), { type: 'error', code: 'page.message', field: 'stream' });
  tab.say({ type: 'shout' });
  t.like(await tab.next(), { type: 'error', code: 'page.message', field: 'type' });
  tab.say({ type: 'chat', text: 'hello' });
  t.like(await tab.next(), { type: 'error', code: 'chat.flood', text: 'Too many.' });
  t.deepEqual(call.done, ['attach', 'chat']);
});

test('an id that somebody has is tried with a number, unless it was asked for', async (t) => {
  const { page, asked } = await open(t, ['Ada-Lovelace', 'Ada-Lovelace-2']);
  const tab = await ScriptedTab.open(page.url);
  tab.say(HELLO);
  await tab.next();
  tab.say({ ...JOIN, id: 'Ada-Lovelace' });
  t.deepEqual(await tab.next(), TAKEN);
  tab.say(JOIN);
  t.like(await tab.next(), { type: 'welcome', state: 'call', self: { id: 'Ada-Lovelace-3' } });
  t.is(asked.length, 4);
});

test('an invitation says where the call is', async (t) => {
  const { page, asked } = await open(t);
  const tab = await ScriptedTab.open(page.url);
  tab.say(HELLO);
  await tab.next();
  tab.say({ ...JOIN, invite: 'come quickly' });
  t.like(await tab.next(), { type: 'error', code: 'page.invite', field: 'invite' });
  tab.say({ ...JOIN, invite: "npm run call -- --room tea --nats 'nats://u:p@host:4222'" });
  await tab.next();
  t.deepEqual(asked[0]?.meeting, { room: 'tea', nats: 'nats://u:p@host:4222', key: null });
});

test('a second tab is told that the call is elsewhere, and can take it over', async (t) => {
  const { page, call } = await open(t);
  const first = await joined(page);
  const second = await ScriptedTab.open(page.url);
  second.say(HELLO);
  t.deepEqual(await second.next(), { type: 'occupied' });
  second.say({ type: 'leave' });
  t.like(await second.next(), { type: 'error', code: 'page.hello' });
  const closed = once(first.socket, 'close');
  second.say({ type: 'hello', takeOver: true });
  t.like(await second.next(), { type: 'welcome', state: 'call' });
  t.like(await first.next(), { type: 'ended', code: 'taken-over' });
  t.is((await closed)[0], 4001);
  t.deepEqual(call.done, ['attach', 'detach', 'attach']);
});

test('a tab that is loaded anew finds its call, whose streams have not rested', async (t) => {
  const { page, call, clock } = await open(t);
  const tab = await joined(page);
  await tab.close();
  await settled(call, 'detach');
  clock.advance(2499);
  const again = await ScriptedTab.open(page.url);
  again.say(HELLO);
  t.like(await again.next(), { type: 'welcome', state: 'call' });
  clock.advance(100_000);
  t.deepEqual(call.done, ['attach', 'detach', 'attach']);
});

test('without a tab the streams rest after 2.5 s, and the peer leaves after a minute', async (t) => {
  const { page, call, clock } = await open(t);
  await (await joined(page)).close();
  await settled(call, 'detach');
  clock.advance(2500);
  t.deepEqual(call.done, ['attach', 'detach', 'rest']);
  clock.advance(57_499);
  t.is(call.done.at(-1), 'rest');
  clock.advance(1);
  t.is(call.done.at(-1), 'leave');
  await call.ended;
  const tab = await ScriptedTab.open(page.url);
  tab.say(HELLO);
  t.like(await tab.next(), { type: 'welcome', state: 'lobby' });
});

test('who leaves is told so, and may join again', async (t) => {
  const { page, call } = await open(t);
  const tab = await joined(page);
  tab.say({ type: 'leave' });
  t.deepEqual(await tab.next(), LEFT);
  tab.say(JOIN);
  t.like(await tab.next(), { type: 'welcome', state: 'call' });
  t.true(call.done.includes('leave'));
});

test('closing leaves the room and lets go of the tab', async (t) => {
  const { page, call } = await open(t);
  const tab = await joined(page);
  const closed = once(tab.socket, 'close');
  await page.close();
  t.is((await closed)[0], 1001);
  t.true(call.done.includes('leave'));
});
