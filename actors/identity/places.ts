/** Which files the user's folder holds, beside the own key. */
import { join } from 'node:path';

/** By which key each id is known. */
export function knownPath(folder: string): string {
  return join(folder, 'known.json');
}

/** A file for each call that runs. */
export function callsFolder(folder: string): string {
  return join(folder, 'calls');
}
