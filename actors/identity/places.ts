/** Which files the user's folder holds. */
import { join } from 'node:path';

/** The own key, where no other file is named. */
export function identityPath(folder: string): string {
  return join(folder, 'identity.pem');
}

/** By which key each id is known. */
export function knownPath(folder: string): string {
  return join(folder, 'known.json');
}

/** A file for each call that runs. */
export function callsFolder(folder: string): string {
  return join(folder, 'calls');
}
