/**
 * Imports point one way: actors to machines and infra, tests to all. Machines know nothing of the world but their
 * inputs: no clock, no randomness, no process, or one room would behave differently on two machines.
 */
import { posix } from 'node:path';
import ts from '@typescript/typescript6';
import test from 'ava';
import { type Room, type SourceFile, sourcesOf } from './sources.ts';

/** What each room may import, besides its own files: other rooms, and packages (`*`: any). */
const MAY_IMPORT: Readonly<
  Record<Room, { readonly rooms: readonly Room[]; readonly packages: readonly string[] | '*' }>
> = {
  machines: { rooms: [], packages: ['xstate', 'zod'] },
  infra: { rooms: [], packages: '*' },
  actors: { rooms: ['machines', 'infra'], packages: '*' },
  test: { rooms: ['machines', 'infra', 'actors'], packages: '*' },
};
const ROOMS: readonly Room[] = ['machines', 'infra', 'actors', 'test'];

/** Names by which a machine could reach the clock, chance, the process or the network without importing anything. */
const WORLDLY = new Set([
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['crypto', 'process', 'console', 'fetch', 'globalThis', 'global', 'require', 'WebSocket', 'Buffer'],
]);

/** Everything that a file imports, exports from, or loads with `import()`; type imports included. */
function importsOf({ text }: SourceFile): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** `xstate` for `xstate/graph`, `@scope/name` for `@scope/name/part`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function isAllowed(room: Room, path: string, specifier: string): boolean {
  const { rooms, packages } = MAY_IMPORT[room];
  if (!specifier.startsWith('.')) return packages === '*' || packages.includes(packageOf(specifier));
  const target = posix.join(posix.dirname(path), specifier).split('/')[0];
  return target === room || rooms.some((other) => other === target);
}

for (const room of ROOMS) {
  test(`${room} imports only what it may`, async (t) => {
    const wrong = (await sourcesOf(room)).flatMap((source) =>
      importsOf(source)
        .filter((specifier) => !isAllowed(room, source.path, specifier))
        .map((specifier) => `${source.path} imports ${specifier}`),
    );
    t.deepEqual(wrong, []);
  });
}

/** Uses of a global name, and of `Math.random`; not properties, and not names of types. */
function worldlyNames({ path, text }: SourceFile): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const random = ts.isPropertyAccessExpression(node) && node.getText(file) === 'Math.random';
    if (random || (ts.isIdentifier(node) && WORLDLY.has(node.text) && isReference(node))) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push(`${path}:${line + 1} uses ${node.getText(file)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
  const isKey = (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node;
  return !isMember && !isKey;
}

test('machines mention neither clock nor chance nor process', async (t) => {
  t.deepEqual((await sourcesOf('machines')).flatMap(worldlyNames), []);
});

test('the check itself sees what it looks for', (t) => {
  const at = (path: string, text: string) => ({ path, text });
  t.deepEqual(worldlyNames(at('machines/x.ts', 'const a = {Date: 1}; a.Date;')), []);
  t.is(worldlyNames(at('machines/x.ts', 'Date.now();\nMath.random(); setTimeout(f, 1)')).length, 3);
  const text =
    "import 'node:fs'; export * from '../infra/a.ts'; import type { B } from '@x/y/z'; await import('zod/v4');";
  t.deepEqual(importsOf(at('machines/x.ts', text)), ['node:fs', '../infra/a.ts', '@x/y/z', 'zod/v4']);
  t.false(isAllowed('machines', 'machines/a/x.ts', '../../infra/a.ts'));
  t.false(isAllowed('machines', 'machines/x.ts', '@x/y/z'));
  t.false(isAllowed('infra', 'infra/a/x.ts', '../../actors/a.ts'));
  t.false(isAllowed('actors', 'actors/x.ts', '../test/a.ts'));
  t.true(isAllowed('machines', 'machines/a/x.ts', '../b.ts'));
  t.true(isAllowed('machines', 'machines/x.ts', 'zod/v4'));
  t.true(isAllowed('actors', 'actors/x.ts', '../infra/a.ts'));
});
