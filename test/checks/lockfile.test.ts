import { readFile } from 'node:fs/promises';
import test from 'ava';
import { z } from 'zod';

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      resolved: z.string().optional(),
      version: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

const readLock = async () => {
  const text = await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8');
  return Object.entries(lockFile.parse(JSON.parse(text)).packages);
};

test('the lock file names no registry, so that any may serve it', async (t) => {
  for (const [folder, { resolved }] of await readLock()) t.is(resolved, undefined, folder);
});

test('the lock file has the optional packages of every platform: npm ci refuses it otherwise', async (t) => {
  const entries = await readLock();
  const locked = new Set(entries.map(([folder]) => folder.split('node_modules/').at(-1)));
  for (const [folder, { optionalDependencies = {} }] of entries) {
    for (const name of Object.keys(optionalDependencies)) t.true(locked.has(name), `${name}, wanted by ${folder}`);
  }
});
