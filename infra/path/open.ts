/** Opens the packet path that suits this machine. */
import type { PacketPath, PathOptions } from './contract.ts';
import { openDgramPath } from './dgram.ts';

export interface OpenPathOptions extends PathOptions {
  /** Which path to take; left out: the best that runs here. */
  readonly kind?: PacketPath['kind'];
}

/** @throws {PathError} as {@link openDgramPath} */
export function openPath(options: OpenPathOptions): Promise<PacketPath> {
  return openDgramPath(options);
}
