/** Where files lie and how they are called: one rule, so that a file can be guessed from what it holds. */
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import test from 'ava';
import { ROOT, type Room, sourcesOf } from './sources.ts';

const ROOMS: readonly Room[] = ['machines', 'actors', 'infra', 'test'];
/** What the top level holds besides the rooms and files whose names begin with a dot. */
const TOP_LEVEL = new Set([
  ...ROOMS,
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE'],
  // Installed, not part of the project.
  'node_modules',
]);

/** Words of lower-case letters and digits with hyphens between; `.test` where it is one. */
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.tsx?$/;
const isKebabCase = (path: string) => KEBAB_CASE.test(path.slice(path.lastIndexOf('/') + 1));

/** Names at the top level that belong to the project: a call may have left recordings there. Where no git tells, all. */
async function topLevel(): Promise<string[]> {
  const { status, stdout } = spawnSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) return readdir(ROOT);
  return [...new Set(stdout.split('\n').flatMap((path) => path.split('/', 1)))].filter((name) => name !== '');
}

const isAtHome = (name: string) => name.startsWith('.') || TOP_LEVEL.has(name);

test('every TypeScript file has a name in kebab-case', async (t) => {
  const sources = (await Promise.all(ROOMS.map(sourcesOf))).flat();
  const paths = sources.map(({ path }) => path).filter((path) => /\.tsx?$/.test(path));
  t.true(paths.length > 0);
  t.deepEqual(
    paths.filter((path) => !isKebabCase(path)),
    [],
  );
});

test('the top level holds the four rooms, and the files that tools look for there', async (t) => {
  const names = await topLevel();
  t.true(names.includes('package.json'));
  t.deepEqual(
    names.filter((name) => !isAtHome(name)),
    [],
  );
});

test('the checks themselves see what they look for', (t) => {
  for (const path of ['a/room-plan.ts', 'b/x.test.ts', 'rtp2.ts', 'two-hops.test.ts', 'level-meter.tsx'])
    t.true(isKebabCase(path), path);
  for (const path of [
    'a/roomPlan.ts',
    'Room.ts',
    'room_plan.ts',
    'a/-room.ts',
    'a/room--plan.ts',
    'a.b.ts',
    'Tile.tsx',
  ]) {
    t.false(isKebabCase(path), path);
  }
  for (const name of ['machines', 'README.md', '.biome.json']) t.true(isAtHome(name), name);
  for (const name of ['src', 'notes.txt', 'package-lock.json.orig']) t.false(isAtHome(name), name);
});
