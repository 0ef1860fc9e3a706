/** Peers as processes, each of a person of its own: links, keys, codes and trust. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { connectNats } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { spawnTethered } from '../../infra/process/tethered.ts';
import { PEER, PeerProcess } from '../integration/peer-process.ts';

const [COMMAND = ''] = PEER;

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

/** One who has a configuration folder, and so a key. */
class Person {
  readonly folder: string;

  constructor(t: ExecutionContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'rpr-person-'));
    t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  peer(...args: string[]): PeerProcess {
    return PeerProcess.startThere(
      ([program = '', ...rest], options) =>
        spawnTethered(program, rest, { ...options, env: { ...options.env, XDG_CONFIG_HOME: this.folder } }),
      ...args,
    );
  }

  async says(...args: readonly string[]): Promise<Said> {
    const env = { ...process.env, XDG_CONFIG_HOME: this.folder };
    const program = spawn(process.execPath, [COMMAND, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, error, status] = await Promise.all([
      text(program.stdout),
      text(program.stderr),
      new Promise<number | null>((resolve) => program.on('close', resolve)),
    ]);
    return { status, out: out.trim(), error: error.trim() };
  }

  /** The code that this person's peer shows once it vouches for these. */
  async code(...ids: string[]): Promise<string> {
    for (;;) {
      const { status, out } = await this.says('verify', '--json');
      const told =
        status === 0 ? (JSON.parse(out) as { code: string; members: { id: string; signs: boolean }[] }) : null;
      const signing = told?.members.filter(({ signs }) => signs).map(({ id }) => id) ?? [];
      if (told !== null && ids.every((id) => signing.includes(id))) return told.code;
    }
  }
}

const usual = ['--source', 'none', '--listen', '127.0.0.1:0', '--no-port-mapping'];
const joined = (id: string) => (one: { event: string; other?: unknown }) =>
  one.event === 'member.joined' && one.other === id;

test('whoever has the link gets in, who has another key does not, and each is told in one line', async (t) => {
  await using server = await startNatsServer();
  const [ann, bob, carl] = [new Person(t), new Person(t), new Person(t)];
  const { out: link } = await ann.says('link', '--room', 'tea', '--nats', server.url);
  t.regex(link, /^rpr:tea@127\.0\.0\.1:\d+#[\w-]{22}$/);
  await using tap = await connectNats({ url: server.url, id: 'tap' });
  const seen: Buffer[] = [];
  tap.subscribe('rpr.>', (_subject, bytes) => void seen.push(Buffer.from(bytes)));
  await tap.flush();
  const join = (person: Person, id: string, ...words: string[]) =>
    person.peer(...words, '--id', id, '--name', `Name of ${id}`, ...usual);
  await using a = join(ann, 'A', ...linked(link));
  await using b = join(bob, 'B', ...linked(link));
  await a.event(joined('B'));
  await b.event(joined('A'));
  await using c = join(carl, 'C', '--nats', server.url, '--room', 'tea', '--room-key', 'a guess');
  const told = await c.event(({ event }) => event === 'door.other');
  t.like(told, { how: 'locked' });
  t.regex(String(told.text), /another room key/);
  await using d = join(carl, 'D', '--nats', server.url, '--room', 'tea');
  t.like(await d.event(({ event }) => event === 'door.open'), { room: 'tea' });
  await d.event(({ event }) => event === 'door.other');
  t.false([...c.events, ...d.events].some(({ event }) => event === 'member.joined'));
  t.false(a.events.some(joined('C')));
  t.is(await ann.code('A', 'B'), await bob.code('A', 'B'));
  const all = Buffer.concat(seen);
  t.false(all.includes('Name of A'));
});

/** As `rpr join` makes them of a link. */
function linked(link: string): string[] {
  const [, room = '', host = '', key = ''] = /^rpr:(.*)@(.*)#(.*)$/.exec(link) ?? [];
  return ['--room', room, '--nats', host, `--room-key=${key}`];
}

test('rpr join takes a link, and says what is wrong with one', async (t) => {
  await using server = await startNatsServer();
  const ann = new Person(t);
  const { out: link } = await ann.says('link', '--nats', server.url, '--room-key', 'open sesame');
  t.true(link.endsWith('#open%20sesame'));
  await using peer = PeerProcess.startThere(
    ([program = '', script = '', , ...rest], options) =>
      spawnTethered(program, [script, 'join', ...rest.filter((word) => word !== '--json'), '--json'], {
        ...options,
        env: { ...options.env, XDG_CONFIG_HOME: ann.folder },
      }),
    link,
    '--id',
    'A',
    ...usual,
  );
  t.like(await peer.event(({ event }) => event === 'peer.started'), { room: 'main' });
  t.false(peer.events.some(({ event }) => event === 'door.open'));
  for (const [words, said] of [
    [['join'], /^usage\.invalid: A link is rpr:ROOM@HOST#KEY/],
    [['join', 'https://x'], /^usage\.invalid: A link is/],
    [['join', link, '--room', 'x'], /^usage\.invalid: The link says --room already/],
    [['peer', '--id', 'A', '--room-key', 'x', '--inspect'], /^usage\.invalid: --inspect tells/],
    [['trust', 'X'], /^identity\.unknown: Nobody has spoken as X/],
    [['trust', 'no id'], /^usage\.invalid: "no id" is no id/],
    [['verify', '--room', 'other'], /^identity\.unknown: No peer of yours .* in room other/],
  ] as const) {
    const { status, error } = await ann.says(...words);
    t.regex(error, said);
    t.is(error.split('\n').length, 1, error);
    t.is(status, error.startsWith('usage') ? 2 : 1);
  }
});

test('a known id under another key is not heard until rpr trust says so', async (t) => {
  await using server = await startNatsServer();
  const [ann, bob, eve] = [new Person(t), new Person(t), new Person(t)];
  const at = ['--nats', server.url, ...usual];
  await using a = ann.peer('--id', 'A', ...at);
  {
    await using b = bob.peer('--id', 'B', ...at);
    await b.event(joined('A'));
    await a.event(joined('B'));
    await ann.code('B');
  }
  await a.event(({ event }) => event === 'member.left');
  await using other = eve.peer('--id', 'B', ...at);
  const dropped = await a.event(({ event, fault }) => event === 'message.dropped' && fault === 'other-key');
  t.regex(String(dropped.detail), /rpr trust B/);
  t.is(a.events.filter(joined('B')).length, 1);
  // It is written a moment after it was heard.
  for (;;) {
    const { status, out } = await ann.says('trust', 'B');
    if (status !== 0) continue;
    t.regex(out, /^B is believed under the key [0-9a-f-]{19} from now on/);
    break;
  }
  await other.event(joined('A'));
  await a.event((one) => joined('B')(one) && a.events.indexOf(one) > a.events.indexOf(dropped));
  t.is(await ann.code('A', 'B'), await eve.code('A', 'B'));
});

test('an identity that others can read is one clear error', async (t) => {
  await using server = await startNatsServer();
  const ann = new Person(t);
  {
    await using a = ann.peer('--id', 'A', '--nats', server.url, ...usual);
    await a.event(({ event }) => event === 'peer.started');
  }
  chmodSync(join(ann.folder, 'rpr', 'identity.pem'), 0o644);
  const { status, error } = await ann.says('peer', '--id', 'A', '--nats', server.url, ...usual);
  t.is(status, 1);
  t.regex(error, /^identity\.exposed: .*chmod 600/);
});
