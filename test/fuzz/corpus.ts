/** Inputs that got further into a target's code than all before, kept in `corpus`: a file for each target, an input a line in base64. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Coverage } from './coverage.ts';
import { errorOf, type Target } from './play.ts';

/** The target with what was kept beside its own corpus. */
export function withKept(target: Target): Target {
  const path = pathOf(target);
  if (!existsSync(path)) return target;
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return { ...target, corpus: [...target.corpus, ...lines.map((line) => new Uint8Array(Buffer.from(line, 'base64')))] };
}

/**
 * Keeps of these inputs, and of those that were kept before, the shortest that together get as far.
 *
 * @param coverage forgets all that others have reached
 */
export function keep(target: Target, coverage: Coverage, inputs: readonly Uint8Array[]): void {
  coverage.forget();
  for (const bytes of target.corpus) coverage.learn(() => void errorOf(target, bytes));
  const byLength = [...inputs].sort((a, b) => a.length - b.length);
  const chosen = byLength.filter((bytes) => coverage.learn(() => void errorOf(target, bytes)));
  writeFileSync(pathOf(target), chosen.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`).join(''));
}

function pathOf({ name }: Target): string {
  return fileURLToPath(new URL(`corpus/${name.replaceAll(/[^a-z0-9]+/g, '-')}.txt`, import.meta.url));
}
