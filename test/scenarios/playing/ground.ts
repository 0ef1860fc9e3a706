/** What a room plays on: this machine's loopback, or the hosts of a network lab; with a NATS server either way. */
import { startNatsServer } from '../../../infra/nats/server.ts';
import type { RoomOptions } from './in-room.ts';
import { type StartOptions, spawnHere } from './peer-process.ts';

export interface Ground extends AsyncDisposable, Required<Pick<StartOptions, 'nats' | 'spawn'>> {
  /** The server's URL for the script, which is on this machine. */
  readonly scriptNats: string;
}

/** @throws {ScenarioError} `lab.missing` */
export async function groundFor({ nats, sites }: Pick<RoomOptions, 'nats' | 'sites'>): Promise<Ground> {
  // Loaded only where it is needed: it tries out what this machine allows.
  if (sites !== undefined) return (await import('./lab-ground.ts')).groundOfLab(sites);
  const server = nats === undefined ? await startNatsServer() : undefined;
  const url = server?.url ?? nats ?? '';
  const dispose = async () => server?.[Symbol.asyncDispose]();
  return { nats: url, scriptNats: url, spawn: spawnHere, [Symbol.asyncDispose]: dispose };
}
