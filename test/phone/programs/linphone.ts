/** The SIP phone linphonec without a screen: a still picture as its camera, silence as its microphone, and commands on its input. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';
import { ensureProgram } from '../../../infra/setup/program.ts';
import type { PhoneVideo, VideoPhone, VideoPhoneOptions } from './contract.ts';
import { wholeFile } from './whole-file.ts';

const HOST = '127.0.0.1';
/** How long it may take to start, and how often it is asked whether it has, in ms. */
const START_MS = 20_000;
const ASK_MS = 200;
/** Where it keeps its data within its home: without this folder it opens no port, and says so in its log alone. */
const DATA_FOLDER = '.local/share/linphone';
/** The last bytes of every JPEG file. */
const JPEG_END = Buffer.from([0xff, 0xd9]);

/** It is not what it should be: it does not start, or lacks a codec. */
export class LinphoneError extends Error {
  override readonly name = 'LinphoneError';
  readonly code = 'linphone.failed';
}

export class Linphone implements VideoPhone {
  /** What it has said, the newest last. */
  readonly lines: string[] = [];
  readonly #process: Tethered;
  readonly #folder: string;
  #snapshots = 0;

  private constructor(process: Tethered, folder: string) {
    this.#process = process;
    this.#folder = folder;
    const { stdin, stdout, stderr } = process.child;
    // One that has gone reads no more commands.
    stdin?.on('error', () => undefined);
    // It complains a hundred times a second that there is no screen: unread, it would stand still.
    stderr?.resume();
    if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => this.lines.push(line));
  }

  /**
   * @throws {ProgramMissingError} where it is neither installed nor installable
   * @throws {LinphoneError} where it does not start, or cannot decode such pictures
   */
  static async start({ folder, video }: VideoPhoneOptions): Promise<Linphone> {
    const program = await ensureProgram('linphonec');
    await mkdir(join(folder, DATA_FOLDER), { recursive: true });
    const config = join(folder, 'linphonerc');
    await writeFile(config, configuration(video));
    const env = { ...process.env, HOME: folder, XDG_DATA_HOME: undefined, XDG_CONFIG_HOME: undefined };
    const args = ['-c', config, '-V'];
    const phone = new Linphone(spawnTethered(program, args, { env, input: 'pipe', output: 'pipe' }), folder);
    try {
      await phone.#ready(video);
    } catch (error) {
      await phone[Symbol.asyncDispose]();
      throw error;
    }
    return phone;
  }

  dial(uri: string): void {
    this.#command(`call ${uri}`);
  }

  hangUp(): void {
    this.#command('terminate');
  }

  hold(): void {
    this.#command('pause');
  }

  resume(): void {
    this.#command('resume');
  }

  async snapshot(mostMs: number): Promise<string | undefined> {
    const file = join(this.#folder, `picture-${++this.#snapshots}.jpg`);
    this.#command(`snapshot ${file}`);
    return wholeFile(file, mostMs, (bytes) => bytes.subarray(-2).equals(JPEG_END));
  }

  kill(): void {
    this.#process.child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
  }

  async #ready(video: PhoneVideo): Promise<void> {
    for (const deadline = performance.now() + START_MS; ; await delay(ASK_MS)) {
      this.#command('ports');
      if (this.lines.some((line) => /sip port = [1-9]/.test(line))) break;
      if (performance.now() > deadline || this.#process.child.exitCode !== null)
        throw new LinphoneError(`linphonec opens no port:\n${this.lines.slice(-5).join('\n')}`);
    }
    // There is no sound card: what it plays is thrown away.
    this.#command('soundcard use files');
    this.#command('vcodec list');
    await delay(ASK_MS);
    if (this.lines.some((line) => line.includes(`${video} (90000) enabled`))) return;
    throw new LinphoneError(
      `linphonec has no ${video}. Install mediastreamer2-plugin-openh264 (Debian: apt-get install it).`,
    );
  }

  #command(command: string): void {
    this.#process.child.stdin?.write(`${command}\n`);
  }
}

/** Ports -1: any. Without a screen pictures go to a program that is not there. */
function configuration(video: PhoneVideo): string {
  const codecs = [video, video === 'VP8' ? 'H264' : 'VP8'].flatMap((mime, index) => [
    ...[`[video_codec_${index}]`, `mime=${mime}`, 'rate=90000', `enabled=${index === 0 ? 1 : 0}`],
  ]);
  return [
    // Its call is refreshed each 45 s (RFC 4028).
    ...['[sip]', 'session_expires_enabled=1', 'session_expires_value=90', 'session_expires_min_value=90'],
    ...['sip_port=-1', 'sip_tcp_port=-2', 'sip_tls_port=-2', `bind_address=${HOST}`],
    ...['use_ipv6=0', 'ipv6_migration_done=1', '[net]', `bind_address=${HOST}`],
    ...['[rtp]', 'audio_rtp_port=-1', 'video_rtp_port=-1', '[sound]', 'echocancellation=0'],
    ...['[video]', 'enabled=1', 'capture=1', 'display=1', 'automatically_initiate=1', 'automatically_accept=1'],
    ...['show_local=0', 'size=qvga', 'device=StaticImage: Static picture', 'displaytype=MSExtDisplay'],
    ...[...codecs, ''],
  ].join('\n');
}
