/** The command `npm run demo`: what it prints, what it answers to mistakes, and that nothing outlives it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { z } from 'zod';
import { SCENARIOS } from './catalogue.ts';

const DEMO = fileURLToPath(new URL('demo.ts', import.meta.url));
const run = promisify(execFile);

const verdictSchema = z.strictObject({
  scenario: z.literal('1'),
  ok: z.literal(true),
  peers: z.array(
    z.strictObject({
      ...{ id: z.string(), compatible: z.boolean(), uploadBps: z.number(), peakSendBps: z.number() },
      roles: z.array(z.enum(['client', 'relay'])),
    }),
  ),
  pairs: z.array(
    z.strictObject({
      ...{ source: z.string(), stream: z.literal('camera'), receiver: z.string(), via: z.array(z.string()).min(1) },
      ...{ expected: z.int(), received: z.int(), lost: z.literal(0), duplicates: z.literal(0) },
    }),
  ),
  agreements: z.array(
    z.strictObject({
      ...{
        id: z.string(),
        client: z.string(),
        relay: z.string(),
        stream: z.literal('camera'),
        receivers: z.array(z.string()),
      },
      ...{ slices: z.string(), state: z.string() },
    }),
  ),
  delivered: z.literal(1),
  overCapacity: z.array(z.string()).length(0),
  gapMs: z.null(),
  relayMs: z.array(z.number()).length(1),
});

function demo(...args: string[]) {
  return run(process.execPath, ['--import=tsx', DEMO, ...args]);
}

interface Failed {
  readonly code: number;
  readonly stderr: string;
}

/** How a command line that makes no sense ends. */
async function refused(...args: string[]): Promise<Failed> {
  return demo(...args).then(
    () => ({ code: 0, stderr: '' }),
    (error: Failed) => error,
  );
}

test.serial('--json prints the verdict of scenario 1 as the last line, --trace draws the run', async (t) => {
  t.timeout(90_000);
  const folder = await mkdtemp(join(tmpdir(), 'rpr-trace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const trace = join(folder, 'trace.mmd');
  const { stdout } = await demo('--json', '--seconds', '1', '--trace', trace);
  const verdict = verdictSchema.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
  t.deepEqual(
    verdict.peers.map(({ id }) => id),
    ['A', 'B', 'C'],
  );
  const diagram = await readFile(trace, 'utf8');
  t.true(diagram.startsWith('sequenceDiagram\n'));
  for (const kind of ['invite', 'profile', 'beat', 'relay.request', 'relay.offer']) {
    t.true(diagram.includes(`: ${kind} `), kind);
  }
});

test.serial('Ctrl-C ends the run with 130, and every process of it', async (t) => {
  t.timeout(90_000);
  const child = spawn(process.execPath, ['--import=tsx', DEMO], { stdio: ['ignore', 'ignore', 'pipe'] });
  const descendants = await whenJoined(child);
  t.true(descendants.length > 3);
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  t.is(code, 130);
  await allGone(descendants);
});

test.serial('a demo that is killed leaves no process behind', async (t) => {
  t.timeout(90_000);
  const child = spawn(process.execPath, ['--import=tsx', DEMO], { stdio: ['ignore', 'ignore', 'pipe'] });
  const descendants = await whenJoined(child);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await allGone(descendants);
  t.pass();
});

test('--list names every scenario', async (t) => {
  const { stdout } = await demo('--list');
  for (const { name, title } of SCENARIOS) t.regex(stdout, new RegExp(`^${name} +${title}$`, 'm'));
});

test('a scenario that does not exist: those that do, and exit code 2', async (t) => {
  const { code, stderr } = await refused('nope');
  t.is(code, 2);
  t.is(stderr, `There is no scenario "nope". There are: ${SCENARIOS.map(({ name }) => name).join(', ')}.\n`);
});

test('a bad option or number: what is accepted, and exit code 2', async (t) => {
  const option = await refused('--secs', '3');
  t.is(option.code, 2);
  t.regex(option.stderr, /Did you mean --seconds/);
  const seconds = await refused('--seconds', 'soon');
  t.is(seconds.code, 2);
  t.regex(seconds.stderr, /number of seconds from 0\.1 to 3600/);
});

test('what goes with pages is refused where nobody has one', async (t) => {
  const byHand = await refused('1', '--manual');
  t.is(byHand.code, 2);
  t.is(byHand.stderr, 'Nobody in scenario 1 has a page or is a phone: --manual goes with browser, sip.\n');
  const pictured = await refused('1', '--picture', 'page.png');
  t.is(pictured.code, 2);
  t.is(pictured.stderr, 'Nobody in scenario 1 has a page: --picture goes with browser.\n');
});

test('--manual prints the pages for a browser of yours, and Ctrl-C is how it ends', async (t) => {
  t.timeout(90_000);
  const child = spawn(process.execPath, ['--import=tsx', DEMO, 'browser', '--manual'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pages: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    pages.push(line);
    if (pages.length === 3) break;
  }
  const descendants = await descendantsOf(child.pid ?? 0);
  t.deepEqual(
    pages.map((line) => line.replace(/:\d+\/#[\w-]{22}$/, '')),
    ['A  http://127.0.0.1', 'B  http://127.0.0.1', 'C  http://127.0.0.1'],
  );
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  t.is(code, 0);
  await allGone(descendants);
});

test('--manual of a scenario with a phone prints what to dial', async (t) => {
  t.timeout(90_000);
  const child = spawn(process.execPath, ['--import=tsx', DEMO, 'sip', '--manual'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  t.regex(String(line), /^D {2}sip:demo-[0-9a-f]{8}\.C@[\d.]+:\d+$/);
  const descendants = await descendantsOf(child.pid ?? 0);
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  t.is(code, 0);
  await allGone(descendants);
});

test('a scenario in a network of its own takes no other NATS server', async (t) => {
  const { code, stderr } = await refused('nat', '--nats', 'nats://127.0.0.1:1');
  t.is(code, 2);
  t.regex(stderr, /^Scenario nat .*leave out --nats\.\n$/);
});

test('a scenario in a network of its own says in one line where there can be none', async (t) => {
  // Root could have one: it is root without its rights, as in a container.
  const bare = process.geteuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
  const [program = '', ...args] = [...bare, process.execPath, '--import=tsx', DEMO, 'nat'];
  const failed = run(program, args);
  const { code, stderr } = await failed.then(
    () => ({ code: 0, stderr: '' }),
    (error: Failed) => error,
  );
  t.is(code, 1);
  t.regex(stderr, /^no network lab here: [^\n]+\n$/);
});

test('a NATS server that does not answer is an error that says what to start', async (t) => {
  const { code, stderr } = await refused('--nats', 'nats://127.0.0.1:1');
  t.is(code, 1);
  t.regex(stderr, /No NATS server at nats:\/\/127\.0\.0\.1:1/);
});

/** Waits until a peer has joined, so that the server and all peers run; returns the ids of all these processes. */
async function whenJoined(child: ChildProcess): Promise<number[]> {
  if (child.stderr === null) return [];
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('joins')) break;
  return descendantsOf(child.pid ?? 0);
}

async function processes(): Promise<{ pid: number; parent: number; state: string }[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state = '']) => ({ pid: Number(pid), parent: Number(parent), state }));
}

async function descendantsOf(root: number): Promise<number[]> {
  const all = await processes();
  const found = [root];
  for (const id of found) found.push(...all.filter(({ parent }) => parent === id).map(({ pid }) => pid));
  return found.slice(1);
}

/** Processes end by themselves once the run is gone; one that does not makes the test time out. */
async function allGone(ids: readonly number[]): Promise<void> {
  while ((await survivors(ids)).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Those that still run; one that only waits for its parent to take note of its end does not. */
async function survivors(ids: readonly number[]): Promise<number[]> {
  const running = (await processes()).filter(({ state }) => !state.startsWith('Z'));
  return running.map(({ pid }) => pid).filter((pid) => ids.includes(pid));
}
