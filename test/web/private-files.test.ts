import { chmod, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { keptToken, writeLeadingFile } from '../../infra/web/private-files.ts';

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-private-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

test('a token outlives a start at its port, and is for its user alone', async (t) => {
  const folder = join(await folderFor(t), 'new');
  const token = keptToken(folder, 4880);
  t.regex(token, /^[\w-]{22}$/);
  t.is(keptToken(folder, 4880), token);
  t.not(keptToken(folder, 4881), token);
  t.is((await stat(join(folder, '4880.token'))).mode & 0o777, 0o600);
});

test('a token that is old, that others could read, or that is none is not used', async (t) => {
  const folder = await folderFor(t);
  const path = join(folder, '4880.token');
  const token = keptToken(folder, 4880);
  await chmod(path, 0o644);
  const second = keptToken(folder, 4880);
  t.not(second, token);
  t.is((await stat(path)).mode & 0o777, 0o600);
  const longAgo = new Date(Date.now() - 13 * 60 * 60 * 1000);
  await utimes(path, longAgo, longAgo);
  t.not(keptToken(folder, 4880), second);
  await writeFile(path, 'short');
  t.regex(keptToken(folder, 4880), /^[\w-]{22}$/);
});

test('where nothing can be kept there is a token all the same', async (t) => {
  const folder = await folderFor(t);
  const file = join(folder, 'file');
  await writeFile(file, '');
  t.regex(keptToken(join(file, 'below'), 4880), /^[\w-]{22}$/);
});

test('a file leads to the page, and is for its user alone', async (t) => {
  const path = writeLeadingFile(await folderFor(t), 'http://127.0.0.1:4880/#abc');
  t.true((await readFile(path, 'utf8')).includes('url=http://127.0.0.1:4880/#abc'));
  t.is((await stat(path)).mode & 0o777, 0o600);
});
