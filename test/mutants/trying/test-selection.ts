/** Which tests could see a fault in a file, in the order in which they are tried. */
import { distancesTo, type ImportGraph } from './import-graph.ts';

/** A test file, or those of its tests whose titles match. */
export interface TestPart {
  readonly file: string;
  readonly match: string | null;
}

/** Where tests of a folder's code are; the first that fits a path counts. */
const TESTS_OF: readonly (readonly [path: string, folders: readonly string[]])[] = [
  ['machines/plan', ['test/planning/', 'test/machines/', 'test/simulation/']],
  ['machines/', ['test/machines/', 'test/simulation/']],
  ['actors/plan.ts', ['test/planning/']],
  ['actors/', ['test/actors/', 'test/media/', 'test/integration/']],
  ['infra/path/', ['test/path/']],
  ['infra/', ['test/infra/', 'test/rtp/', 'test/path/', 'test/actors/']],
];

/** Of the simulator's hostile rooms ten are played, the same each time: hundreds take a minute, and random ones prove nothing twice. */
const HOSTILE = 'test/simulation/hostile-';
const HOSTILE_PART: TestPart = { file: 'test/simulation/hostile-known-low.test.ts', match: '*seeds 0 to 9 *' };

/** It packs the whole project, of which a copy has only what is tested. */
const PACKS = 'test/integration/packed-command.test.ts';

/**
 * The tests of the file's own folder that come to run its code, nearest first; what takes long last.
 *
 * @param file from the project's root
 */
export function testsSeeing(file: string, graph: ImportGraph): TestPart[] {
  const folders = TESTS_OF.find(([path]) => file.startsWith(path))?.[1] ?? [];
  const distances = distancesTo(file, graph);
  const near = [...distances.keys()].filter(
    (path) => path.endsWith('.test.ts') && path !== PACKS && folders.some((folder) => path.startsWith(folder)),
  );
  const parts = near.filter((path) => !path.startsWith(HOSTILE)).map((path): TestPart => ({ file: path, match: null }));
  return near.includes(HOSTILE_PART.file) ? [...parts, HOSTILE_PART] : parts;
}
