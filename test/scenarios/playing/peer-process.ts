/** A peer of a scenario as a process of its own: `actors/peer.ts` under the script's command. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { spawnTethered, type Tethered, type TetheredOptions } from '../../../infra/process/tethered.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { PeerSpec, StreamSpec } from '../scenario.ts';
import { SCRIPT_ID } from './script.ts';

const PEER = fileURLToPath(new URL('../../../actors/peer.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** How much of what a peer says is kept to explain why it died, in lines. */
const LAST_LINES = 5;

const listening = z.object({ event: z.literal('source.listening'), port: z.int() });

export interface StartOptions {
  readonly room: string;
  readonly nats: string;
  /** Starts a peer's program where that peer sits. Default: on this machine. */
  readonly spawn?: (id: PeerId, command: readonly string[], options: TetheredOptions) => Tethered;
  /** Where a `recorded` sink writes its SDP files. */
  readonly sdpFolder: string;
}

export const spawnHere: NonNullable<StartOptions['spawn']> = (_id, [program = '', ...args], options) =>
  spawnTethered(program, args, options);

export class PeerProcess implements AsyncDisposable {
  readonly id: string;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  readonly #process: Tethered;
  readonly #lastLines: string[] = [];
  readonly #mediaPort: Promise<number>;

  constructor(spec: PeerSpec, options: StartOptions) {
    this.id = spec.id;
    const { spawn = spawnHere } = options;
    const command = [process.execPath, '--import', 'tsx', PEER, ...peerArguments(spec, options)];
    this.#process = spawn(spec.id, command, { cwd: ROOT, output: 'pipe' });
    const { child } = this.#process;
    this.gone = once(child, 'exit').then(() => undefined);
    this.#mediaPort = new Promise((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#take(line, resolve));
      }
    });
  }

  /** The UDP port on which a `video` source takes RTP; pending until the peer has told. */
  mediaPort(): Promise<number> {
    return this.#mediaPort;
  }

  /** What the peer said last, for the message about its death. */
  lastWords(): string {
    return this.#lastLines.join('\n') || 'it said nothing';
  }

  signal(name: NodeJS.Signals): void {
    this.#process.child.kill(name);
  }

  /** Ends it at once: when a run is over, nobody is left to say goodbye to. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#process.child.kill('SIGKILL');
    return this.#process.stop();
  }

  #take(line: string, tellPort: (port: number) => void): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    const news = listening.safeParse(parseJson(line));
    if (news.success) tellPort(news.data.port);
  }
}

/** The command line of such a peer. */
export function peerArguments(spec: PeerSpec, { room, nats, sdpFolder }: StartOptions): string[] {
  const { id, uploadBps, lendBps, headroom, compatible = true, bitrate, beside = [], source = 'test', sink } = spec;
  return [
    ...['--id', id, '--room', room, '--nats', nats, '--controller', SCRIPT_ID, '--json'],
    ...['--upload', String(uploadBps), '--bitrate', `${bitrate.minBps}-${bitrate.maxBps}`],
    ...['--source', source === 'video' ? 'rtp:0' : source],
    ...beside.flatMap((stream) => ['--source', sourceValue(stream)]),
    ...(lendBps === undefined ? [] : ['--lend', String(lendBps)]),
    ...(headroom === undefined ? [] : ['--headroom', String(headroom)]),
    ...(sink === 'recorded' ? ['--sink', `sdp:${sdpFolder}/${id}`] : ['--sink', 'none']),
    ...(compatible ? [] : ['--no-rpr']),
  ];
}

function sourceValue({ name, media, bitrate }: StreamSpec): string {
  const format = media === 'audio' ? 'codec=opus/48000/2,payload-type=111' : 'codec=VP8/90000';
  return `test,name=${name},${format},bitrate=${bitrate.minBps}-${bitrate.maxBps}`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
