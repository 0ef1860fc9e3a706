/** What a room plays on: this machine's loopback, or the hosts of a network lab; with a NATS server either way. */
import { type NatsServer, startNatsServer } from '../../../infra/nats/server.ts';
import { type Dilation, REAL_TIME } from '../../network/dilation/dilation.ts';
import type { RoomOptions } from './in-room.ts';
import { type StartOptions, spawnHere } from './peer-process.ts';

export interface Ground extends AsyncDisposable, Required<Pick<StartOptions, 'nats' | 'spawn'>> {
  /** The server's URL for the script, which is on this machine. */
  readonly scriptNats: string;
  /** How time passes for the peers. */
  readonly dilation: Dilation;
}

/** @throws {ScenarioError} `lab.missing` */
export async function groundFor({
  nats,
  sites,
  ground,
}: Pick<RoomOptions, 'nats' | 'sites' | 'ground'>): Promise<Ground> {
  // Whose it is ends it.
  if (ground !== undefined) return { ...ground, [Symbol.asyncDispose]: async () => undefined };
  // Loaded only where it is needed: it tries out what this machine allows.
  if (sites !== undefined) return (await import('./lab-ground.ts')).groundOfLab(sites);
  if (nats === undefined) return spawnGround(await startNatsServer());
  // Whoever started it stops it.
  return spawnGround({ url: nats, stop: async () => undefined });
}

/** Loopback, with a server that ends with it. */
export function spawnGround(
  { url, ...server }: Pick<NatsServer, 'url' | 'stop'>,
  dilation: Dilation = REAL_TIME,
): Ground {
  const spawn = livingIn(dilation, spawnHere);
  return { nats: url, scriptNats: url, spawn, dilation, [Symbol.asyncDispose]: () => server.stop() };
}

/** Starts peers that live in that time. */
export function livingIn(dilation: Dilation, spawn: Ground['spawn']): Ground['spawn'] {
  return (id, command, options) =>
    spawn(id, [...command, ...dilation.peerOptions], { ...options, env: { ...options.env, ...dilation.env } });
}
