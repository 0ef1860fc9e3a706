import ts from '@typescript/typescript6';
import test from 'ava';
import { sourcesOf } from '../../checks/sources.ts';
import { nameOf, withFault } from './fault.ts';
import { faultsOf } from './faults-of.ts';

/** So many faults of the project are passed over for one that is tried: to read them all takes a minute. */
const EVERY = 97;

/** What the code becomes, by each fault of one operator. */
function made(operator: string, text: string): string[] {
  return faultsOf({ path: 'x.ts', text })
    .filter((fault) => fault.operator === operator)
    .map((fault) => withFault(text, fault));
}

test('the condition of an if and of a choice is negated', (t) => {
  t.deepEqual(made('negated condition', 'if (a > b) c();'), ['if (!(a > b)) c();']);
  t.deepEqual(made('negated condition', 'const x = a ? b : c;'), ['const x = !(a) ? b : c;']);
  t.deepEqual(made('negated condition', 'if (a === b) c();'), [], 'a flipped comparison is the same');
});

test('an if no longer asks, and of two conditions one is left', (t) => {
  t.deepEqual(made('dropped condition', 'if (a) b();'), ['if (true) b();']);
  t.deepEqual(made('dropped condition', 'const x = a && b.c;'), ['const x = (a);', 'const x = (b.c);']);
  t.deepEqual(made('dropped condition', 'const x = a || b;'), ['const x = (a);', 'const x = (b);']);
  t.deepEqual(made('dropped condition', 'const x = a ?? b;'), []);
});

test('a limit counts that did not, and equal is unequal', (t) => {
  const flipped = (comparison: string) => made('flipped comparison', `f(a ${comparison} b);`);
  t.deepEqual(flipped('<'), ['f(a <= b);']);
  t.deepEqual(flipped('<='), ['f(a < b);']);
  t.deepEqual(flipped('>'), ['f(a >= b);']);
  t.deepEqual(flipped('>='), ['f(a > b);']);
  t.deepEqual(flipped('==='), ['f(a !== b);']);
  t.deepEqual(flipped('!=='), ['f(a === b);']);
  t.deepEqual(flipped('+'), []);
});

test('a number is doubled, or nothing', (t) => {
  t.deepEqual(made('other number', 'f(1_000);'), ['f((2 * 1_000));', 'f(0);']);
  t.deepEqual(made('other number', 'f(0);'), ['f(1);']);
});

test('names and types are no values', (t) => {
  t.deepEqual(faultsOf({ path: 'x.ts', text: 'const a: { b: 1 | true } = c; const d = { 2: e };' }), []);
});

test('true is false', (t) => {
  t.deepEqual(made('swapped boolean', 'f(true, false);'), ['f(false, false);', 'f(true, true);']);
});

test('what a statement does is left undone', (t) => {
  t.deepEqual(made('dropped statement', 'a.b(c);'), [';']);
  t.deepEqual(made('dropped statement', 'await a();'), [';']);
  t.deepEqual(made('dropped statement', 'a += 1;'), [';']);
  t.deepEqual(made('dropped statement', 'a++;'), [';']);
  t.deepEqual(made('dropped statement', 'if (a) delete b.c;'), ['if (a) ;']);
  t.deepEqual(made('dropped statement', 'class A extends B { constructor() { super(); } }'), []);
  t.deepEqual(made('dropped statement', 'const a = b();'), []);
});

test('a function does nothing, or gives back what it was given', (t) => {
  t.deepEqual(made('returns at once', 'function f(): void { g(); }'), ['function f(): void { return; g(); }']);
  t.deepEqual(made('returns at once', 'function f(s: S, x: X): S { return g(s, x); }'), [
    'function f(s: S, x: X): S { return s; return g(s, x); }',
  ]);
  t.deepEqual(made('returns at once', 'const f = (s: S): S => g(s);'), ['const f = (s: S): S => s;']);
  t.deepEqual(made('returns at once', 'function f(s: S): T { return g(s); }'), []);
  t.deepEqual(made('returns at once', 'function f(s: S): S { return s; }'), []);
});

test('a transition loses its guard', (t) => {
  t.deepEqual(made('dropped guard', "f({ guard: 'a', target: 'b' });"), ["f({ target: 'b' });"]);
  t.deepEqual(made('dropped guard', "f({ target: 'b', guard: 'a' });"), ["f({ target: 'b' });"]);
});

test('a list of actions loses one of them', (t) => {
  t.deepEqual(made('dropped action', "f({ actions: ['a', { type: 'b' }] });"), [
    "f({ actions: [{ type: 'b' }] });",
    "f({ actions: ['a'] });",
  ]);
  t.deepEqual(made('dropped action', "f({ entry: 'a' });"), ['f({ entry: [] });']);
  t.deepEqual(made('dropped action', "f({ exit: { type: 'a' } });"), ['f({ exit: [] });']);
  t.deepEqual(made('dropped action', 'setup({ actions: { a: b } });'), []);
});

test('a fault is told with its place', (t) => {
  const [fault] = faultsOf({ path: 'a/x.ts', text: '\n\nconst x = a <\n  b;' });
  t.is(fault && nameOf(fault), 'a/x.ts:3 flipped comparison: a < b -> a <= b');
});

test('every fault of the project has a name of its own', async (t) => {
  for (const source of [...(await sourcesOf('machines')), ...(await sourcesOf('actors'))]) {
    const faults = faultsOf(source);
    t.is(new Set(faults.map(nameOf)).size, faults.length, source.path);
  }
});

test('what a fault leaves can be read as code', async (t) => {
  const sources = [...(await sourcesOf('machines')), ...(await sourcesOf('actors'))];
  const faults = sources.flatMap((source) => faultsOf(source).map((fault) => ({ fault, ...source })));
  const compilerOptions = { jsx: ts.JsxEmit.ReactJSX };
  for (const { fault, path, text } of faults.filter((_, index) => index % EVERY === 0)) {
    const options = { reportDiagnostics: true, fileName: path, compilerOptions };
    const { diagnostics = [] } = ts.transpileModule(withFault(text, fault), options);
    t.is(diagnostics.length, 0, nameOf(fault));
  }
});
