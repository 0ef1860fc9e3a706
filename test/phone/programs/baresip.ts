/** The SIP phone baresip without a screen: a camera of its own, a tone as its microphone, and commands over TCP (module ctrl_tcp). */
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';
import { ensureProgram } from '../../../infra/setup/program.ts';
import type { PhoneVideo, VideoPhone, VideoPhoneOptions } from './contract.ts';
import { wholeFile } from './whole-file.ts';

const HOST = '127.0.0.1';
/** Where systems keep its modules. */
const MODULE_FOLDERS = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/opt/homebrew/lib'].map(
  (folder) => `${folder}/baresip/modules`,
);
const MODULES = ['g711', 'vp8', 'ausine', 'aubridge', 'fakevideo', 'snapshot', 'ctrl_tcp'];
/** Of the package baresip-ffmpeg. */
const H264_MODULE = 'avcodec';
/** How long it may take to start, in ms. */
const START_MS = 20_000;
/** The last bytes of every PNG file. */
const PNG_END = Buffer.from('IEND');

export interface BaresipOptions extends VideoPhoneOptions {
  /** Packets may come from anywhere else than this machine, too: as a person would run it. Default: loopback alone. */
  readonly spawn?: typeof spawnTethered;
}

/** It is not what it should be: it does not start, or refuses a command. */
export class BaresipError extends Error {
  override readonly name = 'BaresipError';
  readonly code = 'baresip.failed';
}

export class Baresip implements VideoPhone {
  /** What it has said, the newest last. */
  readonly lines: string[] = [];
  readonly #process: Tethered;
  readonly #folder: string;
  #control: Socket | null = null;
  #snapshots = 0;
  #events: ((type: string) => void)[] = [];

  private constructor(process: Tethered, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  /**
   * @throws {ProgramMissingError} where it is neither installed nor installable
   * @throws {BaresipError} where it does not start, or lacks a module
   */
  static async start({ folder, video, spawn = spawnTethered }: BaresipOptions): Promise<Baresip> {
    const program = await ensureProgram('baresip');
    const modules = await modulesFor(video);
    const port = await freePort();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'config'), configuration(modules, port, folder, video));
    const codecs = `audio_codecs=pcmu/8000/1;video_codecs=${video.toLowerCase()}`;
    await writeFile(join(folder, 'accounts'), `<sip:phone@${HOST}>;regint=0;answermode=auto;${codecs}\n`);
    await writeFile(join(folder, 'contacts'), '');
    const phone = new Baresip(spawn(program, ['-f', folder, '-v'], { output: 'pipe' }), folder);
    try {
      await phone.#ready(port);
    } catch (error) {
      await phone[Symbol.asyncDispose]();
      throw error;
    }
    return phone;
  }

  dial(uri: string): void {
    this.#command('dial', uri);
  }

  hangUp(): void {
    this.#command('hangup');
  }

  /** Resolves with the next event of this name, e.g. `CALL_ESTABLISHED`. */
  next(event: string): Promise<void> {
    return new Promise((resolve) => {
      const take = (type: string) => {
        if (type !== event) return;
        this.#events = this.#events.filter((one) => one !== take);
        resolve();
      };
      this.#events.push(take);
    });
  }

  hold(): void {
    this.#command('hold');
  }

  resume(): void {
    this.#command('resume');
  }

  async snapshot(mostMs: number): Promise<string | undefined> {
    const file = join(this.#folder, `picture-${++this.#snapshots}.png`);
    this.#command('snapshot_recv', file);
    return wholeFile(file, mostMs, (bytes) => bytes.subarray(-8).includes(PNG_END));
  }

  kill(): void {
    this.#process.child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#control?.destroy();
    await this.#process.stop();
    await rm(join(this.#folder, 'uuid'), { force: true });
  }

  async #ready(port: number): Promise<void> {
    const { stdout, stderr } = this.#process.child;
    const started = new Promise<void>((resolve, reject) => {
      for (const stream of [stdout, stderr]) {
        if (stream === null) continue;
        createInterface({ input: stream }).on('line', (line) => {
          this.lines.push(line);
          if (line.startsWith('baresip is ready')) resolve();
        });
      }
      const failed = () => reject(new BaresipError(`baresip does not start:\n${this.lines.slice(-5).join('\n')}`));
      this.#process.child.once('exit', failed);
      setTimeout(failed, START_MS).unref();
    });
    await started;
    const control = connect(port, HOST);
    this.#control = control;
    control.on('error', () => undefined);
    const strings = new Netstrings();
    control.on('data', (bytes) => {
      for (const text of strings.take(bytes.toString())) this.#hear(text);
    });
  }

  #hear(text: string): void {
    const said: unknown = JSON.parse(text);
    if (typeof said !== 'object' || said === null || !('event' in said) || !('type' in said)) return;
    for (const take of [...this.#events]) take(String(said.type));
  }

  #command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params });
    this.#control?.write(`${Buffer.byteLength(text)}:${text},`);
  }
}

/** Texts as `LENGTH:TEXT,` in a stream. */
class Netstrings {
  #rest = '';

  take(text: string): string[] {
    this.#rest += text;
    const whole: string[] = [];
    for (;;) {
      const [head = '', length = ''] = /^(\d+):/.exec(this.#rest) ?? [];
      const end = head.length + Number(length);
      if (head === '' || this.#rest.length <= end) return whole;
      whole.push(this.#rest.slice(head.length, end));
      this.#rest = this.#rest.slice(end + 1);
    }
  }
}

async function modulesFor(video: PhoneVideo): Promise<string> {
  const needed = video === 'H264' ? H264_MODULE : 'vp8';
  for (const folder of MODULE_FOLDERS) {
    const there = await access(join(folder, `${needed}.so`)).then(
      () => true,
      () => false,
    );
    if (there) return folder;
  }
  const where = video === 'H264' ? 'Install baresip-ffmpeg (Debian: apt-get install baresip-ffmpeg).' : 'Reinstall it.';
  throw new BaresipError(`baresip has no module ${needed}, which ${video} needs. ${where}`);
}

function configuration(modules: string, controlPort: number, folder: string, video: PhoneVideo): string {
  const loaded = video === 'H264' ? [...MODULES, H264_MODULE] : MODULES;
  return [
    ...[`sip_listen ${HOST}:0`, `net_interface ${HOST}`],
    ...['audio_player aubridge,p0', 'audio_source ausine,440', 'audio_alert aubridge,p1'],
    ...['ausrc_srate 48000', 'auplay_srate 48000', 'ausrc_channels 2', 'auplay_channels 2'],
    ...['video_source fakevideo,nil', 'video_display fakevideo,nil', 'video_size 320x240', 'video_fps 25'],
    ...['rtp_ports 30000-40000', `module_path ${modules}`],
    ...loaded.map((name) => `module ${name}.so`),
    ...['module_tmp uuid.so', 'module_tmp account.so', 'module_app menu.so'],
    ...[`ctrl_tcp_listen ${HOST}:${controlPort}`, `snd_path ${folder}`, ''],
  ].join('\n');
}

/** One that is free now: the program cannot say which it has got. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
