import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ROOT } from '../../checks/sources.ts';
import { guardFault } from '../faults/guard-fault.ts';
import { Checkout } from './checkout.ts';

const FILE = 'actors/software.ts';

test('a fault is in the copy while it is tried, and never in the project', async (t) => {
  const sound = await readFile(join(ROOT, FILE), 'utf8');
  const fault = guardFault({ file: FILE, search: sound, replacement: 'faulty', fault: 'f', why: 'w' }, sound);
  const checkout = await Checkout.copy();
  try {
    const copied = () => readFile(join(checkout.root, FILE), 'utf8');
    t.is(await checkout.with(fault, copied), 'faulty');
    t.is(await copied(), sound);
    await t.throwsAsync(
      checkout.with(fault, () => Promise.reject(new Error('broken off'))),
      { message: 'broken off' },
    );
    t.is(await copied(), sound);
    t.is(await readFile(join(ROOT, FILE), 'utf8'), sound);
    t.true(existsSync(join(checkout.root, 'node_modules/.bin/ava')));
    const manifest: unknown = JSON.parse(await readFile(join(checkout.root, 'package.json'), 'utf8'));
    t.like(manifest, { ava: { cache: false, timeout: '60m' } }, 'a silent run is ours to end');
  } finally {
    await checkout.remove();
  }
  t.false(existsSync(checkout.root));
  t.true(existsSync(join(ROOT, 'node_modules/.bin/ava')), 'what a copy shares stays');
});
