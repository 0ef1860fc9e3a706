import { readFile } from 'node:fs/promises';
import test from 'ava';
import { z } from 'zod';

const manifest = z.object({ scripts: z.record(z.string(), z.string()) });

test('every script first sees to it that the packages are installed', async (t) => {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { scripts } = manifest.parse(JSON.parse(text));
  for (const name of Object.keys(scripts).filter((script) => !script.startsWith('pre'))) {
    t.is(scripts[`pre${name}`], 'node infra/setup/bootstrap.mjs', `pre${name}`);
  }
});
