/** A room for a script to play in: a NATS server, the script, and the peers' processes, all gone afterwards. */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type BusMessage, tapBus } from '../../../actors/watch/bus-tap.ts';
import { connectNats } from '../../../infra/nats/connection.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { hasPage, hasPhone, type PeerSpec, type Sites } from '../scenario.ts';
import { type Ground, groundFor } from './ground.ts';
import type { Pages } from './pages.ts';
import type { StartOptions } from './peer-process.ts';
import type { Phones } from './phones.ts';
import { Room } from './room.ts';
import { SCRIPT_ID, Script } from './script.ts';
import { TemporaryFolder } from './temporary-folder.ts';

export interface RoomOptions {
  /** A server to use; left out: one of our own, gone afterwards. */
  readonly nats?: string;
  /** Where the peers sit in a network lab, which has a server of its own. Left out: on this machine. */
  readonly sites?: Sites;
  /** Where it is played, instead of either; it is not ended here. */
  readonly ground?: Ground;
  /** Ends everything early; all processes are gone when the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Takes one line of progress. */
  readonly say?: (line: string) => void;
  /** Takes what the peers say to each other, until the script has ended. */
  readonly onMessage?: (message: BusMessage) => void;
}

export interface OpenRoom {
  readonly room: Room;
  /** How a peer that is started besides gets into it. */
  readonly entrance: StartOptions;
  /** Where the peers with a `recorded` sink write, each into a folder of its name. */
  readonly folder: string;
  /** Fires when the options' signal does, or when a peer dies. */
  readonly signal: AbortSignal;
  /** Of the peers that have one; null: nobody has. */
  readonly pages: Pages | null;
  /** Of the peers that are one; null: nobody is. */
  readonly phones: Phones | null;
}

/**
 * Starts the peers, plays `script` with them once all wait for its word to join, and ends them.
 *
 * @throws {ScenarioError} where a peer does not start, does not answer, or dies, and where there can be no lab
 * @throws {NatsError} where there is no NATS server and none can be started
 * @throws {ProgramMissingError} where nats-server is neither installed nor installable
 */
export async function inRoom<T>(
  peers: readonly PeerSpec[],
  options: RoomOptions,
  play: (open: OpenRoom) => Promise<T>,
): Promise<T> {
  const { say = () => undefined, onMessage = () => undefined } = options;
  const death = new AbortController();
  const signal = AbortSignal.any([death.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  // One wait for each peer, which are more than the ten at which Node suspects a leak.
  setMaxListeners(0, signal);
  try {
    await using folder = await TemporaryFolder.make();
    await using ground = await groundFor(options);
    await using bus = await connectNats({ url: ground.scriptNats, id: SCRIPT_ID });
    const name = `demo-${randomBytes(4).toString('hex')}`;
    const stopTap = tapBus(bus, name, onMessage);
    using script = new Script(bus, name, signal);
    await bus.flush();

    if (peers.length > 0) say(`starting ${peers.length} peers, each a process of its own`);
    await using room = new Room(script, signal, ground.dilation);
    await using pages = await pagesFor(peers);
    await using phones = await phonesFor(peers, folder.path);
    const entrance = { room: name, nats: ground.nats, spawn: ground.spawn, folder: folder.path };
    const openPage = pages === null ? {} : { openPage: (id: PeerId, url: string) => pages.open(id, url) };
    const dial = phones === null ? {} : { dial: (id: PeerId, uri: string) => phones.dial(id, uri) };
    await room.start(peers, { ...entrance, ...openPage, ...dial }, (error) => death.abort(error));
    const result = await play({ room, entrance, folder: folder.path, signal, pages, phones });
    // How the peers end is no part of what is played.
    stopTap();
    return result;
  } catch (error) {
    // Whatever broke because of it, the reason for the end is the one to tell.
    signal.throwIfAborted();
    throw error;
  }
}

/** A browser where somebody has a page. Loaded only then: most scenarios need none. @throws {ScenarioError} `chromium.missing` */
async function pagesFor(peers: readonly PeerSpec[]): Promise<Pages | null> {
  return peers.some(hasPage) ? (await import('./pages.ts')).Pages.start() : null;
}

/** @throws {ProgramMissingError} where the phone, or ffmpeg, is neither installed nor installable */
async function phonesFor(peers: readonly PeerSpec[], folder: string): Promise<Phones | null> {
  return peers.some(hasPhone) ? (await import('./phones.ts')).Phones.start(peers, folder) : null;
}
