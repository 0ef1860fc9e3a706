/** Which faults are tried: all guards, and a sample of what the operators make of the machines and the actors. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, sourcesOf } from '../../checks/sources.ts';
import { Random } from '../../simulation/world/random.ts';
import { GUARDS } from '../guards.ts';
import type { Fault } from './fault.ts';
import { faultsOf } from './faults-of.ts';
import { guardFault } from './guard-fault.ts';

/** Plans are held against an exact solver: what a fault there does is a figure, and `bench:planner-share` tells it. */
const LEFT_OUT = 'machines/planning/';

export interface Wanted {
  /** Only files whose path holds this text. */
  readonly file: string;
  readonly guardsOnly: boolean;
  readonly seed: number;
  /** Of the operators' faults, so many are drawn. */
  readonly count: number;
}

/** @throws {GuardError} `mutants.guardMoved` */
export async function chooseFaults({ file, guardsOnly, seed, count }: Wanted): Promise<Fault[]> {
  const guards = GUARDS.filter((guard) => guard.file.includes(file)).map(async (guard) =>
    guardFault(guard, await readFile(join(ROOT, guard.file), 'utf8')),
  );
  if (guardsOnly) return Promise.all(guards);
  const sources = [...(await sourcesOf('machines')), ...(await sourcesOf('actors'))].filter(
    ({ path }) => path.includes(file) && !path.startsWith(LEFT_OUT),
  );
  return [...(await Promise.all(guards)), ...sample(sources.flatMap(faultsOf), count, seed)];
}

/** `count` of the items, each as likely as any other, in their order; the same ones for the same seed. */
export function sample<T>(items: readonly T[], count: number, seed: number): T[] {
  const random = new Random(seed);
  const places = [...items.keys()];
  // The first places of a shuffled list (Fisher and Yates).
  const drawn = Math.min(count, places.length);
  for (let at = 0; at < drawn; at += 1) {
    const other = random.integer(at, places.length - 1);
    [places[at], places[other]] = [places[other] ?? 0, places[at] ?? 0];
  }
  return places
    .slice(0, drawn)
    .sort((a, b) => a - b)
    .flatMap((place) => items.slice(place, place + 1));
}
