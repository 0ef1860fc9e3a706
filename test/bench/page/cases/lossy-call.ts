/** A program for a network of its own: two people in a call whose peers lose packets on the way to each other. */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Tab } from '../../../page/browser/tab.ts';
import { Room } from '../calls/room.ts';
import type { Played } from './loss.ts';

const execute = promisify(execFile);

const PERCENT = 5;
/** Nobody else is in this network. */
const PORTS = { ada: 40_000, bob: 40_002 };
/** Until the encoder has found its pace, in ms. */
const CALM_MS = 6000;
/** The layer that one viewer of a large tile gets. */
const LAYER = 'l';

/** Loses packets to both from now on, and counts all of them. */
async function lose(): Promise<void> {
  const ports = `{ ${Object.values(PORTS).join(', ')} }`;
  await execute('nft', [
    [
      'table ip loss {',
      'chain into { type filter hook input priority 0;',
      `udp dport ${ports} counter comment "all"`,
      `udp dport ${ports} numgen random mod 100 < ${PERCENT} counter drop comment "lost"`,
      '}',
      '}',
    ].join('\n'),
  ]);
}

async function counted(): Promise<{ readonly all: number; readonly lost: number }> {
  const { stdout } = await execute('nft', ['list', 'ruleset']);
  const of = (comment: string) =>
    Number(new RegExp(`counter packets (\\d+) bytes \\d+ (?:drop )?comment "${comment}"`).exec(stdout)?.[1]);
  return { all: of('all'), lost: of('lost') };
}

async function frames(from: Tab, to: Tab) {
  const [sent, received] = await Promise.all([from.sent(), to.received()]);
  const encoded = sent.find(({ rid }) => rid === LAYER)?.frames ?? 0;
  return { encoded, decoded: received.reduce((sum, { framesDecoded }) => sum + framesDecoded, 0) };
}

async function play(seconds: number): Promise<Played> {
  await using room = await Room.open({ flags: ['--allow-loopback-in-peer-connection'] });
  const listen = (port: number) => ['--listen', `127.0.0.1:${port}`, '--upload', '20M'];
  const people = await room.seat([
    { name: 'Ada', args: listen(PORTS.ada) },
    { name: 'Bob', args: listen(PORTS.bob) },
  ]);
  await room.join(people);
  const [ada, bob] = people;
  if (ada === undefined || bob === undefined) throw new Error('somebody is missing');
  await lose();
  await delay(CALM_MS);
  const before = { ...(await frames(ada.tab, bob.tab)), ...(await counted()) };
  await delay(1000 * seconds);
  const after = { ...(await frames(ada.tab, bob.tab)), ...(await counted()) };
  return {
    encoded: after.encoded - before.encoded,
    decoded: after.decoded - before.decoded,
    lost: (after.lost - before.lost) / (after.all - before.all),
  };
}

process.stdout.write(`${JSON.stringify(await play(Number(process.argv[2])))}\n`);
