/** Opens the packet path that suits this machine. */
import type { PacketPath } from './contract.ts';
import { openSocket } from './dgram.ts';
import { PathError } from './errors.ts';
import { SwitchablePath, type SwitchablePathOptions } from './switchable-path.ts';

/**
 * From how many forwarded packets a second on a thread of its own pays, which costs over half a second of processor
 * time to start and some 30 MB. 2,000 are 20 Mbit/s of video: below that either path takes about 1 % of a core.
 */
const BATCHED_FROM_PPS = 2000;

/**
 * From how many received packets a second on the same, and strangers are shut out: whoever floods us must not take the time of the
 * main thread, nor the receive buffer. No call receives so much; to read and to drop 20,000 takes 7 % of a core, by either path.
 */
const FLOODED_FROM_PPS = 20_000;

/** The same of STUN from strangers, of which the path itself takes a third: no room whose members meet comes to so much. */
const FLOODED_FROM_CHECKS = 3000;

/** How often that is looked at, in ms: a burst of one frame must not decide. */
const WATCH_MS = 1000;

/** No frame comes to a flood's 2,000 packets in so many ms, and a flood takes room from the call's own packets from the first on. */
const FLOOD_WATCH_MS = 100;

export interface OpenPathOptions extends SwitchablePathOptions {
  /** Which path to take; left out: `dgram`, and `batched` once there is enough to forward and where it runs. */
  readonly kind?: PacketPath['kind'];
  /** From how many forwarded packets a second on `batched` is taken, if `kind` is left out. */
  readonly batchedFromPps?: number;
  /** The same of received packets, whatever becomes of them. */
  readonly floodedFromPps?: number;
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
  if (options.kind === undefined) switchUnderLoad(path, options);
  return path;
}

/** Tries once: where a thread does not start or has died, it is not asked for again. */
function switchUnderLoad(path: SwitchablePath, options: OpenPathOptions): void {
  const { batchedFromPps = BATCHED_FROM_PPS, floodedFromPps = FLOODED_FROM_PPS, onKind } = options;
  let hasTried = false;
  const takeThread = async () => {
    if (hasTried) return;
    hasTried = true;
    await path.useBatched().catch((error) => onKind?.('dgram', asPathError(error)));
  };
  onceAbove(path, () => path.forwardedPackets, batchedFromPps, WATCH_MS, takeThread);
  let isShutOut = false;
  const shutOut = async () => {
    if (isShutOut) return;
    isShutOut = true;
    // Where the kernel takes no filter the thread alone must do, and where there is no thread either it says so.
    await path.shutOutStrangers().then(() => rationStrangers(path), asPathError);
  };
  onceAbove(path, () => path.strangersChecks, FLOODED_FROM_CHECKS, FLOOD_WATCH_MS, shutOut);
  onceAbove(
    path,
    () => path.receivedPackets,
    floodedFromPps,
    FLOOD_WATCH_MS,
    async () => {
      await shutOut();
      await takeThread();
    },
  );
}

/** From now on, as long as the path is open: strangers flood and stop as they like. */
function rationStrangers(path: SwitchablePath): void {
  let before = path.strangersChecks;
  const watch = setInterval(() => {
    if (path.closed) clearInterval(watch);
    const now = path.strangersChecks;
    path.rationStrangers(((now - before) * 1000) / FLOOD_WATCH_MS);
    before = now;
  }, FLOOD_WATCH_MS);
  watch.unref();
}

/** Does something when so many packets a second have been counted within a stretch of `everyMs`; once. */
function onceAbove(
  path: SwitchablePath,
  read: () => number,
  pps: number,
  everyMs: number,
  act: () => Promise<void>,
): void {
  let before = 0;
  const watch = setInterval(() => {
    const now = read();
    const isAbove = ((now - before) * 1000) / everyMs >= pps;
    before = now;
    if (isAbove || path.closed) clearInterval(watch);
    if (isAbove && !path.closed) act();
  }, everyMs);
  watch.unref();
}

/** Anything else is a mistake of ours. */
function asPathError(error: unknown): PathError {
  if (error instanceof PathError) return error;
  throw error;
}

async function useBatchedOrClose(path: SwitchablePath): Promise<void> {
  try {
    await path.useBatched();
  } catch (error) {
    await path.close();
    throw error;
  }
}
