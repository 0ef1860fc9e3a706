/** Several peers of one machine write their files to one folder. */

import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { SdpFolder } from '../../actors/sink/sdp-folder.ts';
import { spawnTethered } from '../../infra/process/tethered.ts';

const session = (name: string, port = 5000) => ({
  ...{ name, host: '127.0.0.1' },
  streams: [{ port, media: 'video' as const, codec: { name: 'VP8', clockRate: 90_000 }, payloadType: 96, fmtp: '' }],
});

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'rpr-folder-'));
  return {
    path,
    files: async () => (await readdir(path)).sort(),
    text: (name: string) => readFile(join(path, name), 'utf8'),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}

test('each of two that play the same peer has a file of its own, and removes no other', async (t) => {
  await using shared = await folder();
  const [b, c] = await Promise.all([SdpFolder.open(shared.path), SdpFolder.open(shared.path)]);
  t.is(basename(await b.write(session('A', 5000))), 'A.sdp');
  t.is(basename(await c.write(session('A', 6000))), 'A.2.sdp');
  t.is(basename(await b.write(session('A', 5002))), 'A.sdp');
  t.is(basename(await c.write(session('A', 6002))), 'A.2.sdp');
  t.deepEqual(await shared.files(), ['A.2.sdp', 'A.sdp']);
  await c.remove('A');
  t.regex(await shared.text('A.sdp'), /m=video 5002 /);
  await b.remove('A');
  t.deepEqual(await shared.files(), []);
});

test('of many that write a name at once each gets one', async (t) => {
  await using shared = await folder();
  const folders = await Promise.all(Array.from({ length: 10 }, () => SdpFolder.open(shared.path)));
  const paths = await Promise.all(folders.map((each, index) => each.write(session('A', 5000 + 2 * index))));
  t.is(new Set(paths).size, 10);
  t.is((await shared.files()).length, 10);
  for (const [index, path] of paths.entries())
    t.regex(await shared.text(basename(path)), new RegExp(`m=video ${5000 + 2 * index} `));
});

test('what a peer that is gone has left behind is written over', async (t) => {
  await using shared = await folder();
  await using gone = spawnTethered(process.execPath, ['--eval', ''], { output: 'ignore' });
  const { pid = 0 } = gone.child;
  await once(gone.child, 'exit');
  await writeFile(join(shared.path, 'A.sdp'), `v=0\r\no=- ${pid * 2 ** 21 + 5} 0 IN IP4 127.0.0.1\r\n`);
  await writeFile(join(shared.path, 'B.sdp'), 'no session at all');
  // Of an earlier process of our own number.
  await writeFile(join(shared.path, 'C.sdp'), `v=0\r\no=- ${process.pid * 2 ** 21 + 5} 0 IN IP4 127.0.0.1\r\n`);
  await utimes(join(shared.path, 'C.sdp'), 1000, 1000);
  const own = await SdpFolder.open(shared.path);
  for (const name of ['A', 'B', 'C']) t.is(basename(await own.write(session(name))), `${name}.sdp`);
});

test('what another program that runs has written is left alone', async (t) => {
  await using shared = await folder();
  await using other = spawnTethered(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { output: 'ignore' });
  const theirs = `v=0\r\no=- ${(other.child.pid ?? 0) * 2 ** 21 + 5} 0 IN IP4 127.0.0.1\r\n`;
  await writeFile(join(shared.path, 'A.sdp'), theirs);
  const own = await SdpFolder.open(shared.path);
  t.is(basename(await own.write(session('A'))), 'A.2.sdp');
  await own.remove('A');
  t.is(await shared.text('A.sdp'), theirs);
});

test('a file that somebody else has put in its place is not removed', async (t) => {
  await using shared = await folder();
  const own = await SdpFolder.open(shared.path);
  await own.write(session('A'));
  await writeFile(join(shared.path, 'A.sdp'), 'mine');
  await own.remove('A');
  t.is(await shared.text('A.sdp'), 'mine');
});
