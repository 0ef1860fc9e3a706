/** A scenario's peers for a person's own browser, on their pages, or a person's own phone, until it is enough. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ensureProgram } from '../../../infra/setup/program.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { dialled, hasPage, hasPhone, type PeerSpec, type Scenario } from '../scenario.ts';
import { within } from './deadline.ts';
import { ScenarioError } from './errors.ts';
import { groundFor } from './ground.ts';
import { PeerProcess } from './peer-process.ts';
import { TemporaryFolder } from './temporary-folder.ts';
import { VideoFeed } from './video.ts';

/** How long a peer may take to have its page, or to wait for a phone, in ms, on a machine that is very busy. */
const DOOR_MS = 60_000;

export interface ByHandOptions {
  /** A server to use; left out: one of our own, gone afterwards. */
  readonly nats?: string;
  /** It is enough. */
  readonly signal: AbortSignal;
  /** Takes each page, and what a phone has to dial, as soon as all are there. */
  readonly show: (peer: PeerId, where: string) => void;
}

/**
 * Starts the peers and resolves once the signal has fired and they are gone.
 *
 * @param scenario each of its peers has a page, is a phone, or needs no person
 * @throws {ScenarioError} `peer.died`, `peer.mute` where a peer does not come to have a page, or does not wait for a phone
 */
export async function playByHand(scenario: Scenario, { nats, signal, show }: ByHandOptions): Promise<void> {
  const { peers } = scenario;
  await using folder = await TemporaryFolder.make();
  await using ground = await groundFor(nats === undefined ? {} : { nats });
  const room = `demo-${randomBytes(4).toString('hex')}`;
  const entrance = { ...ground, room, folder: folder.path, isDriven: false };
  await using processes = new Processes(peers.map((spec) => new PeerProcess(spec, entrance)));
  const death = Promise.race(processes.all.map(died));
  await using feed = new VideoFeed();
  const doors = Promise.race([
    Promise.all(processes.all.map((process, at) => doorOf(process, peers[at], room))),
    death,
  ]);
  const late = () => new ScenarioError('peer.mute', `Nobody can come in after ${DOOR_MS / 1000} s.`);
  const known = await within(signal, DOOR_MS, doors, late);
  for (const [at, { source, colour }] of peers.entries()) {
    const process = processes.all[at];
    if (source !== 'video' || process === undefined) continue;
    await feed.start(await ensureProgram('ffmpeg'), process, colour, signal);
  }
  for (const [at, door] of known.entries()) if (door !== null) show(peers[at]?.id ?? '', door);
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), death]);
}

/** Where a person comes in: the address of a page, or what a phone dials; null: nowhere. */
async function doorOf(process: PeerProcess, spec: PeerSpec | undefined, room: string): Promise<string | null> {
  if (spec === undefined) return null;
  if (hasPage(spec)) return process.pageUrl();
  return hasPhone(spec) ? dialled(spec, room, await process.sipAddress()) : null;
}

class Processes implements AsyncDisposable {
  readonly all: readonly PeerProcess[];

  constructor(all: readonly PeerProcess[]) {
    this.all = all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((process) => process[Symbol.asyncDispose]()));
  }
}

async function died(process: PeerProcess): Promise<never> {
  await process.gone;
  throw new ScenarioError('peer.died', `${process.id} ended unexpectedly:\n${process.lastWords()}`);
}
