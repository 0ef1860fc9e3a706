import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { WebSocket } from 'ws';
import { LiveRoom } from '../../actors/watch/live.ts';
import type { FromPage, ToPage } from '../../actors/watch/page-messages.ts';
import { readRecording } from '../../actors/watch/recording.ts';
import { connectNats } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { PeerProcess } from '../integration/peer-process.ts';

/** A tab without a browser. */
class Tab {
  readonly #socket: WebSocket;
  readonly #told: ToPage[] = [];
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      this.#told.push(JSON.parse(String(data)));
      this.#wake();
    });
  }

  static async open(url: string | undefined): Promise<Tab> {
    const { host, origin, hash } = new URL(url ?? '');
    const tab = new Tab(new WebSocket(`ws://${host}/`, hash.slice(1), { origin }));
    await once(tab.#socket, 'open');
    return tab;
  }

  ask(request: FromPage): void {
    this.#socket.send(JSON.stringify(request));
  }

  sendJunk(): void {
    this.#socket.send('{"type":"junk"}');
  }

  /** Resolves with the code. */
  async closed(): Promise<number> {
    const [code] = await once(this.#socket, 'close');
    return code;
  }

  /** The first message, past or to come, for which this holds. */
  async told(is: (message: ToPage) => boolean): Promise<ToPage> {
    for (;;) {
      const found = this.#told.find(is);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#socket.close();
  }
}

const shows =
  (...ids: readonly string[]) =>
  (message: ToPage) =>
    message.type === 'picture' &&
    message.picture.peers.map(({ id }) => id).join() === ids.join() &&
    message.picture.arrows.length === ids.length * (ids.length - 1);

test('a room that runs is seen whole at once, told on, asked about, recorded, and not disturbed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'watch-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'hall.jsonl');
  await using server = await startNatsServer();
  const start = (id: string, ...args: string[]) =>
    PeerProcess.start('--id', id, '--room', 'hall', '--nats', server.url, '--listen', '127.0.0.1:0', ...args);
  await using a = start('A', '--inspect');
  await using b = start('B');
  for (const [peer, other] of [
    [a, 'B'],
    [b, 'A'],
  ] as const)
    await peer.event(({ event, other: joined }) => event === 'member.joined' && joined === other);

  await using nats = await connectNats({ url: server.url, id: 'inspect-1' });
  const say = (text: string) => t.fail(text);
  const live = await LiveRoom.open({
    nats,
    roomKey: null,
    room: 'hall',
    id: 'inspect-1',
    page: { port: 0 },
    record: file,
    say,
  });
  const tab = await Tab.open(live.url);
  t.deepEqual(await tab.told(({ type }) => type === 'room'), { type: 'room', room: 'hall', recorded: null });
  t.like(await tab.told(shows('A', 'B')), { type: 'picture' });

  await tab.told((message) => message.type === 'picture' && message.telling.join() === 'A');
  tab.ask({ type: 'look', peer: 'A' });
  await tab.told(
    (message) =>
      message.type === 'machines' &&
      message.moved.some(({ machine, states }) => machine === 'peer' && states.join() === 'joined'),
  );
  tab.ask({ type: 'context', peer: 'A', machine: 'signaling' });
  const context = await tab.told(({ type }) => type === 'context');
  t.true(context.type === 'context' && context.text?.includes('"members"'));
  tab.ask({ type: 'context', peer: 'A', machine: 'nonsense' });
  t.like(await tab.told((message) => message.type === 'context' && message.machine === 'nonsense'), { text: null });

  await using c = start('C');
  await tab.told(shows('A', 'B', 'C'));
  await tab.told((message) => message.type === 'lines' && message.lines.some(({ kind }) => kind === 'invite'));
  c.signal('SIGKILL');
  await tab.told(
    (message) =>
      message.type === 'events' && message.events.some((event) => event.what === 'left' && event.why === 'silent'),
  );
  tab.sendJunk();
  t.is(await tab.closed(), 4000);
  await live.close();
  t.is(nats.connected, true);

  const recording = await readRecording(file);
  t.deepEqual(
    recording.events
      .flatMap((event) => (event.what === 'joined' || event.what === 'left' ? [`${event.what} ${event.peer}`] : []))
      .sort(),
    ['joined A', 'joined B', 'joined C', 'left C'],
  );
  const strangers = [...a.events, ...b.events].filter(({ other, peer }) => `${other} ${peer}`.includes('inspect'));
  t.deepEqual(strangers, []);
});
