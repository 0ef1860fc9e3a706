/** Which files come to run when a file does: what it imports, and programs that it starts by their path. */
import { posix } from 'node:path';
import type { SourceFile } from '../../checks/sources.ts';

/** Files by what they lead to. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** An import of types alone loads nothing. */
const TYPE_IMPORT = /^(?:import|export) type [^;]*;/gm;
/** Also what `new URL` and commands are given: relative to the file, or to the project's root. */
const PATH_TEXT = /['"`]([\w./-]+\.(?:ts|mjs|js))['"`]/g;

export function importGraph(sources: readonly SourceFile[]): ImportGraph {
  const known = new Set(sources.map(({ path }) => path));
  return new Map(
    sources.map(({ path, text }) => {
      const told = [...text.replace(TYPE_IMPORT, '').matchAll(PATH_TEXT)].map(([, found = '']) => found);
      const led = told.flatMap((found) => [posix.join(posix.dirname(path), found), found]);
      return [path, [...new Set(led.filter((target) => known.has(target) && target !== path))]];
    }),
  );
}

/** Every file that leads to `target`, with the number of steps from it; the target itself with 0. */
export function distancesTo(target: string, graph: ImportGraph): ReadonlyMap<string, number> {
  const importers = new Map<string, string[]>();
  for (const [file, imported] of graph) {
    for (const each of imported) importers.set(each, [...(importers.get(each) ?? []), file]);
  }
  const distances = new Map([[target, 0]]);
  for (const [file, distance] of distances) {
    // A map goes on with what is added to it meanwhile: nearest first.
    for (const importer of importers.get(file) ?? []) {
      if (!distances.has(importer)) distances.set(importer, distance + 1);
    }
  }
  return distances;
}
