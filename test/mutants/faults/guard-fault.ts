/** The place in the code that a guard of the list is about. */
import type { Guard } from '../guards.ts';
import { type Fault, lineAt } from './fault.ts';

/** The guard's code is not in its file, or more than once: the entry has to follow the code. */
export class GuardError extends Error {
  override readonly name = 'GuardError';
  readonly code = 'mutants.guardMoved';
}

/**
 * @param text of the guard's file
 * @throws {GuardError} `mutants.guardMoved`
 */
export function guardFault({ fault, why, file, search, replacement }: Guard, text: string): Fault {
  const start = text.indexOf(search);
  const times = text.split(search).length - 1;
  if (times !== 1) {
    const where = `${file} holds ${JSON.stringify(search)} ${times === 0 ? 'no more' : `${times} times`}`;
    throw new GuardError(`${where}: write the guard "${fault}" in test/mutants/guards.ts to the code as it is.`);
  }
  return {
    file,
    line: lineAt(text, start),
    operator: 'guard',
    what: fault,
    why,
    start,
    end: start + search.length,
    replacement,
  };
}
