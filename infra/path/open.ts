/** Opens the packet path that suits this machine. */
import type { PacketPath } from './contract.ts';
import { openSocket } from './dgram.ts';
import { SwitchablePath, type SwitchablePathOptions } from './switchable-path.ts';

export interface OpenPathOptions extends SwitchablePathOptions {
  /** Which path to take; left out: `dgram`, and `batched` once there is enough to forward and where it runs. */
  readonly kind?: PacketPath['kind'];
}

/**
 * Opens a UDP socket and starts to move packets.
 *
 * @throws {PathError} `port.in-use`, `port.forbidden`, `address.unavailable`, `address.invalid`, `socket.failed`;
 *   `batched.unavailable` only if `batched` was asked for
 */
export async function openPath(options: OpenPathOptions): Promise<PacketPath> {
  const path = new SwitchablePath(await openSocket(options.listen), options);
  if (options.kind === 'batched') await useBatchedOrClose(path);
  return path;
}

async function useBatchedOrClose(path: SwitchablePath): Promise<void> {
  try {
    await path.useBatched();
  } catch (error) {
    await path.close();
    throw error;
  }
}
