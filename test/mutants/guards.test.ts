import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from '@typescript/typescript6';
import test from 'ava';
import { ROOT } from '../checks/sources.ts';
import { nameOf, withFault } from './faults/fault.ts';
import { GuardError, guardFault } from './faults/guard-fault.ts';
import { GUARDS } from './guards.ts';

test('the code that each guard is about is in its file exactly once', async (t) => {
  for (const guard of GUARDS) {
    const text = await readFile(join(ROOT, guard.file), 'utf8');
    t.notThrows(() => guardFault(guard, text), guard.fault);
  }
});

test('each guard changes something, and leaves code that can be read', async (t) => {
  for (const guard of GUARDS) {
    const text = await readFile(join(ROOT, guard.file), 'utf8');
    const faulty = withFault(text, guardFault(guard, text));
    t.not(faulty, text, guard.fault);
    const { diagnostics = [] } = ts.transpileModule(faulty, { reportDiagnostics: true });
    t.is(diagnostics.length, 0, guard.fault);
  }
});

test('no two guards have the same name', (t) => {
  t.is(new Set(GUARDS.map(({ fault }) => fault)).size, GUARDS.length);
});

test('a guard whose code is gone or there twice says so', (t) => {
  const guard = { fault: 'f', why: 'w', file: 'a.ts', search: 'x < 1', replacement: 'x' };
  t.throws(() => guardFault(guard, 'y < 1'), { instanceOf: GuardError, message: /a\.ts holds "x < 1" no more/ });
  t.throws(() => guardFault(guard, 'x < 1;\nx < 1;'), { instanceOf: GuardError, message: /2 times/ });
  const fault = guardFault(guard, '\nif (x < 1) y();');
  t.is(nameOf(fault), 'a.ts:2 guard: f');
  t.is(withFault('\nif (x < 1) y();', fault), '\nif (x) y();');
});
