/** A peer of a scenario as a process of its own: `rpr peer` or `rpr call` under the script's command. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { spawnTethered, type Tethered, type TetheredOptions } from '../../../infra/process/tethered.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { PhoneRecord } from '../judging/phones.ts';
import { hasPage, hasPhone, type PeerSpec, type StreamSpec } from '../scenario.ts';
import { SCRIPT_ID } from './script.ts';

/** From the bundle, as users start it: twelve of them at once compile nothing. */
const RPR = fileURLToPath(new URL('../../../infra/setup/rpr.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** How much of what a peer says is kept to explain why it died, in lines. */
const LAST_LINES = 5;

/** Where a phone calls: one of this run, or a person's own. */
const LOOPBACK = '127.0.0.1:0';
const ANYWHERE = '0.0.0.0:0';

const listening = z.object({ event: z.literal('source.listening'), port: z.int() });
const opened = z.object({ event: z.literal('page.opened'), url: z.url() });
const awaited = z.object({ event: z.literal('phone.listening'), sip: z.string() });
const lost = z.object({ event: z.literal('phone.lost'), media: z.enum(['audio', 'video']), packets: z.int() });
const NEWS = z.union([listening, opened, awaited, lost]);

export interface StartOptions {
  readonly room: string;
  readonly nats: string;
  /** Starts a peer's program where that peer sits. Default: on this machine. */
  readonly spawn?: (id: PeerId, command: readonly string[], options: TetheredOptions) => Tethered;
  /** Where a `recorded` sink writes its SDP files, and a page's peer what it keeps. */
  readonly folder: string;
  /** Whether the peer waits for the script's word. Default: true. */
  readonly isDriven?: boolean;
  /** Opens the page of a peer that has one, and joins there. Left out: nobody does. */
  readonly openPage?: (id: PeerId, url: string) => Promise<void>;
  /** Dials, with the phone of a peer that is one, the address that its gateway has told. Left out: nobody does. */
  readonly dial?: (id: PeerId, uri: string) => Promise<void>;
}

export const spawnHere: NonNullable<StartOptions['spawn']> = (_id, [program = '', ...args], options) =>
  spawnTethered(program, args, options);

export class PeerProcess implements AsyncDisposable {
  readonly id: string;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  readonly #process: Tethered;
  readonly #lastLines: string[] = [];
  readonly #mediaPort = new Told<number>();
  readonly #pageUrl = new Told<string>();
  readonly #sipAddress = new Told<string>();
  readonly #phoneLost: Partial<Record<'audio' | 'video', number>> = {};

  constructor(spec: PeerSpec, options: StartOptions) {
    this.id = spec.id;
    const { spawn = spawnHere } = options;
    const args = hasPage(spec) ? pageArguments(spec, options) : peerArguments(spec, options);
    const command = [process.execPath, RPR, ...args];
    // A page's peer keeps its token where it is started.
    const cwd = hasPage(spec) ? options.folder : ROOT;
    // No peer of a script touches the user's keys.
    const env = { ...process.env, XDG_CONFIG_HOME: options.folder };
    this.#process = spawn(spec.id, command, { cwd, env, output: 'pipe' });
    const { child } = this.#process;
    this.gone = once(child, 'exit').then(() => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#take(line));
    }
  }

  /** The UDP port on which a `video` source takes RTP; pending until the peer has told. */
  mediaPort(): Promise<number> {
    return this.#mediaPort.value;
  }

  /** Of the page of a peer that has one, with its token; pending until the peer has told. */
  pageUrl(): Promise<string> {
    return this.#pageUrl.value;
  }

  /** Where its gateway takes the call of a phone, `HOST:PORT`; pending until it has told, and for ever where it is none. */
  sipAddress(): Promise<string> {
    return this.#sipAddress.value;
  }

  /** Packets that its phone has reported lost. */
  get phoneLost(): PhoneRecord['lost'] {
    return this.#phoneLost;
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

  #take(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    const { data: news } = NEWS.safeParse(parseJson(line));
    if (news?.event === 'page.opened') this.#pageUrl.tell(news.url);
    else if (news?.event === 'source.listening') this.#mediaPort.tell(news.port);
    else if (news?.event === 'phone.listening') this.#sipAddress.tell(news.sip);
    else if (news !== undefined) this.#phoneLost[news.media] = news.packets;
  }
}

/** Something that is told once, later. */
class Told<T> {
  tell: (value: T) => void = () => undefined;
  readonly value = new Promise<T>((resolve) => {
    this.tell = resolve;
  });
}

/** The command line of such a peer. */
export function peerArguments(spec: PeerSpec, options: StartOptions): string[] {
  const { room, nats, folder, isDriven = true } = options;
  const { id, uploadBps, lendBps, headroom, compatible = true, bitrate, beside = [], source = 'test', sink } = spec;
  return [
    ...['peer', '--id', id, '--room', room, '--nats', nats, '--json'],
    ...(isDriven ? ['--controller', SCRIPT_ID] : []),
    ...['--upload', String(uploadBps), '--bitrate', `${bitrate.minBps}-${bitrate.maxBps}`],
    ...(hasPhone(spec)
      ? ['--sip', isDriven ? LOOPBACK : ANYWHERE]
      : ['--source', source === 'video' ? 'rtp:0' : source]),
    ...beside.flatMap((stream) => ['--source', sourceValue(stream)]),
    ...(lendBps === undefined ? [] : ['--lend', String(lendBps)]),
    ...(headroom === undefined ? [] : ['--headroom', String(headroom)]),
    ...(hasPhone(spec) ? [] : sink === 'recorded' ? ['--sink', `sdp:${folder}/${id}`] : ['--sink', 'none']),
    ...(compatible ? [] : ['--no-rpr']),
  ];
}

/** The same of a peer with a page, which is joined there. */
function pageArguments({ id, uploadBps }: PeerSpec, { room, nats, isDriven = true }: StartOptions): string[] {
  return [
    ...['call', '--id', id, '--name', id, '--room', room, '--nats', nats, '--json'],
    ...['--port', '0', '--upload', String(uploadBps)],
    ...(isDriven ? ['--controller', SCRIPT_ID] : []),
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
