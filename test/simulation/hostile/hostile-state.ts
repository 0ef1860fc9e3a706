/** How far the long command has come, kept in a file so that it can be interrupted and goes on where it was. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { RoomKind } from './hostile-draw.ts';

function fileOf(kind: RoomKind): string {
  return fileURLToPath(new URL(`../../../.rpr/${kind}.json`, import.meta.url));
}

const stateSchema = z.object({
  /** Other seeds begin anew. */
  first: z.int(),
  /** All seeds from `first` on that have been run, without a gap. */
  done: z.int().min(0),
  failed: z.array(z.object({ seed: z.int(), violations: z.array(z.string()) })),
});
export type HostileState = z.infer<typeof stateSchema>;

/** Undefined where nothing has been done yet, or for other seeds, or where the file is none of ours. */
export function readState(kind: RoomKind, first: number): HostileState | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(fileOf(kind), 'utf8'));
  } catch {
    return undefined;
  }
  const state = stateSchema.safeParse(content);
  return state.success && state.data.first === first ? state.data : undefined;
}

/** As a whole or not at all: an interrupt must not leave half a file. */
export function writeState(kind: RoomKind, state: HostileState): void {
  const file = fileOf(kind);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.tmp`;
  writeFileSync(draft, JSON.stringify(state));
  renameSync(draft, file);
}
