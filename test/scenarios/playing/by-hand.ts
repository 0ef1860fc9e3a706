/** A scenario's peers with their pages for a person's own browser, until it is enough. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { PeerId } from '../../../machines/messages.ts';
import type { Scenario } from '../scenario.ts';
import { within } from './deadline.ts';
import { ScenarioError } from './errors.ts';
import { groundFor } from './ground.ts';
import { PeerProcess } from './peer-process.ts';
import { TemporaryFolder } from './temporary-folder.ts';

/** How long a peer may take to have its page, in ms, on a machine that is very busy. */
const PAGE_MS = 60_000;

export interface ByHandOptions {
  /** A server to use; left out: one of our own, gone afterwards. */
  readonly nats?: string;
  /** It is enough. */
  readonly signal: AbortSignal;
  /** Takes each page as soon as all are there. */
  readonly show: (peer: PeerId, url: string) => void;
}

/**
 * Starts the peers and resolves once the signal has fired and they are gone.
 *
 * @param scenario all of its peers have pages
 * @throws {ScenarioError} `peer.died`, `peer.mute` where a peer does not come to have a page
 */
export async function playByHand(scenario: Scenario, { nats, signal, show }: ByHandOptions): Promise<void> {
  const { peers } = scenario;
  await using folder = await TemporaryFolder.make();
  await using ground = await groundFor(nats === undefined ? {} : { nats });
  const entrance = { ...ground, room: `demo-${randomBytes(4).toString('hex')}`, folder: folder.path, isDriven: false };
  await using processes = new Processes(peers.map((spec) => new PeerProcess(spec, entrance)));
  const death = Promise.race(processes.all.map(died));
  const urls = Promise.race([Promise.all(processes.all.map((process) => process.pageUrl())), death]);
  const late = () => new ScenarioError('peer.mute', `The pages are not there after ${PAGE_MS / 1000} s.`);
  for (const [index, url] of (await within(signal, PAGE_MS, urls, late)).entries()) show(peers[index]?.id ?? '', url);
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), death]);
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
