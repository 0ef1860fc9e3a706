/** Peers and our own programs on the hosts of a lab, and what they tell. */
import { on } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type { Tethered } from '../../../infra/process/tethered.ts';
import type { Lab } from './lab.ts';

const NODE = [process.execPath, '--import', 'tsx'];
const PEER = fileURLToPath(new URL('../../../actors/peer.ts', import.meta.url));

/** A program that never tells anything is broken: the longest case plays for half a minute, and starts within a few seconds. */
const TELLS_WITHIN_MS = 90_000;

/** The port of a source on the owner's host. */
export const SOURCE_PORT = 5004;
/** Where the player of a host takes its first stream. */
export const SINK_PORT = 6000;
/** The options of a peer that plays to its host's player. */
export const PLAYS = `--source none --sink rtp:127.0.0.1:${SINK_PORT}`;
/** The options of a peer that only plays. */
export const PLAYS_ONLY = `${PLAYS} --upload 1mbit --lend 0`;

/**
 * Starts the peer of a host, named like it.
 *
 * @param options as on a command line, with blanks nowhere but between them
 * @returns the lines of its log, which flow whether they are read or not
 */
export function startPeer(lab: Lab, host: string, options: string): Interface {
  return linesOf(spawnPeer(lab, host, options));
}

/** The same, for whoever wants its process and not its log. */
export function spawnPeer(lab: Lab, host: string, options: string): Tethered {
  const command = [...NODE, PEER, '--id', host, '--nats', lab.natsUrl, '--json', ...options.split(' ')];
  const peer = lab.spawn(host, command, 'pipe');
  peer.child.stdout?.resume();
  return peer;
}

/** Starts a program of ours. @returns the lines that it writes */
export function startProgram(lab: Lab, host: string, program: URL, ...parameters: readonly number[]): Interface {
  return linesOf(lab.spawn(host, [...NODE, fileURLToPath(program), ...parameters.map(String)], 'pipe'));
}

/**
 * What a program tells in its next line of JSON, or in the next that is such.
 *
 * @throws {Error} if it tells no such thing
 */
export async function toldBy<Told>(lines: Interface, schema: z.ZodType<Told>): Promise<Told> {
  const signal = AbortSignal.timeout(TELLS_WITHIN_MS);
  try {
    for await (const [line] of on(lines, 'line', { signal })) {
      const told = schema.safeParse(JSON.parse(String(line)));
      if (told.success) return told.data;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  throw new Error(`A program of the lab has not told in ${TELLS_WITHIN_MS / 1000} s what was waited for.`);
}

function linesOf({ child: { stdout, stderr } }: Tethered): Interface {
  if (stdout === null) throw new Error('the program was started without pipes');
  // Nobody reads it, and no program may wait for that.
  stderr?.resume();
  return createInterface({ input: stdout });
}
