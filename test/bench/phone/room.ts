/** A room for a phone: two members with a colour and a voice each, as processes of their own, and the gateway. */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeG711 } from '../../../infra/codec/g711.ts';
import { startNatsServer } from '../../../infra/nats/server.ts';
import { bindUdp } from '../../../infra/network/bind-udp.ts';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';
import { ensureProgram } from '../../../infra/setup/program.ts';
import { ColouredPictures, colouredSource } from '../../phone/programs/coloured-picture.ts';
import type { PhoneVideo, VideoPhone } from '../../phone/programs/contract.ts';
import { type PhoneProgram, startPhone } from '../../phone/programs/video-phone.ts';
import { rtpPacket } from '../../rtp/packets.ts';
import { TemporaryFolder } from '../../scenarios/playing/temporary-folder.ts';

const RPR = fileURLToPath(new URL('../../../infra/setup/rpr.mjs', import.meta.url));
export const COLOURS: ReadonlyMap<string, string> = new Map([
  ['A', 'b02020'],
  ['B', '2040c0'],
]);
/** How long a program may take to say something, on a machine that is very busy, in ms. */
const PATIENCE_MS = 60_000;
const FRAMES_PER_SECOND = 30;
const FRAME_MS = 20;
const FRAME_SAMPLES = 160;

export interface Line {
  readonly event: string;
  readonly atMs: number;
  /** What else it tells. */
  readonly told: Readonly<Record<string, unknown>>;
}

/** A program of ours and what it tells. */
class Program implements AsyncDisposable {
  readonly lines: Line[] = [];
  readonly #process: Tethered;
  #onLine: (() => void)[] = [];

  constructor(args: readonly string[], folder: string) {
    const env = { ...process.env, XDG_CONFIG_HOME: folder };
    this.#process = spawnTethered(process.execPath, [RPR, 'peer', ...args], { cwd: folder, env, output: 'pipe' });
    const { stdout } = this.#process.child;
    if (stdout === null) return;
    createInterface({ input: stdout }).on('line', (text) => {
      const line = parsed(text);
      if (line === undefined) return;
      this.lines.push({ event: String(line.event), told: line, atMs: performance.now() });
      for (const take of this.#onLine.splice(0)) take();
    });
  }

  /** The first line like this after a moment; waits for it. @throws {Error} it has not come in this time */
  async heard(isIt: (line: Line) => boolean, sinceMs = 0, mostMs = PATIENCE_MS): Promise<Line> {
    const late = delay(mostMs, 'late' as const, { ref: false });
    for (;;) {
      const found = this.lines.find((line) => line.atMs >= sinceMs && isIt(line));
      if (found !== undefined) return found;
      const next = new Promise<void>((resolve) => this.#onLine.push(resolve));
      if ((await Promise.race([next, late])) === 'late')
        throw new Error(`${this.lines.at(-1)?.event ?? 'nothing'} was the last heard`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
  }
}

/** What has been opened, closed in the other order. */
class Closers implements AsyncDisposable {
  readonly #all: (() => unknown)[] = [];

  use<T extends AsyncDisposable>(opened: T): T {
    this.defer(() => opened[Symbol.asyncDispose]());
    return opened;
  }

  defer(close: () => unknown): void {
    this.#all.push(close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#all.splice(0).reverse()) await close();
  }
}

/** A voice in G.711: a tone, or silence. */
class Voice {
  speaks = false;
  #sequence = 0;
  readonly #timer: NodeJS.Timeout;
  readonly #socket: Awaited<ReturnType<typeof bindUdp>>;

  private constructor(socket: Awaited<ReturnType<typeof bindUdp>>, port: number, ssrc: number) {
    this.#socket = socket;
    const tone = Int16Array.from({ length: FRAME_SAMPLES }, (_, at) => 8000 * Math.sin((2 * Math.PI * at) / 16));
    const [loud, quiet] = [tone, new Int16Array(FRAME_SAMPLES)].map((samples) => encodeG711('pcmu', samples));
    this.#timer = setInterval(() => {
      const sequence = this.#sequence++;
      const payload = (this.speaks ? loud : quiet) ?? new Uint8Array();
      const fields = {
        ssrc,
        sequence: sequence & 0xffff,
        timestamp: sequence * FRAME_SAMPLES,
        payloadType: 0,
        payload,
      };
      socket.send(rtpPacket(fields), port, '127.0.0.1');
    }, FRAME_MS);
  }

  static async start(port: number, ssrc: number): Promise<Voice> {
    return new Voice(await bindUdp({ host: '127.0.0.1', port: 0 }), port, ssrc);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }
}

export interface PhoneRoomOptions {
  readonly program: PhoneProgram;
  readonly video: PhoneVideo;
  /** Of {@link COLOURS}. */
  readonly members: readonly string[];
  readonly signal: AbortSignal;
}

export class PhoneRoom implements AsyncDisposable {
  readonly gateway: Program;
  readonly members: ReadonlyMap<string, Program>;
  readonly voices: ReadonlyMap<string, Voice>;
  readonly phone: VideoPhone;
  readonly pictures: ColouredPictures;
  readonly #stack: Closers;

  private constructor(parts: Pick<PhoneRoom, 'gateway' | 'members' | 'voices' | 'phone' | 'pictures'>, stack: Closers) {
    this.gateway = parts.gateway;
    this.members = parts.members;
    this.voices = parts.voices;
    this.phone = parts.phone;
    this.pictures = parts.pictures;
    this.#stack = stack;
  }

  /** Resolves once the phone is connected. */
  static async open(options: PhoneRoomOptions): Promise<PhoneRoom> {
    const stack = new Closers();
    try {
      return await PhoneRoom.#openIn(stack, options);
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #openIn(
    stack: Closers,
    { program: phoneProgram, video, members, signal }: PhoneRoomOptions,
  ): Promise<PhoneRoom> {
    const folder = stack.use(await TemporaryFolder.make());
    const server = await startNatsServer();
    stack.defer(() => server.stop());
    const ffmpeg = await ensureProgram('ffmpeg');
    const room = `bench-${randomBytes(4).toString('hex')}`;
    const common = ['--room', room, '--nats', server.url, '--json'];
    const gateway = stack.use(
      new Program(['--id', 'D', ...common, '--no-rpr', '--sip', '127.0.0.1:0', '--upload', '10000000'], folder.path),
    );
    const programs = new Map<string, Program>();
    const voices = new Map<string, Voice>();
    for (const [index, id] of members.entries()) {
      // baresip 1.0.0 takes H.264 in whole pictures or slices alone, in no pieces of them.
      const mode = video === 'H264' ? ',fmtp=packetization-mode=0' : '';
      const camera = `rtp:0,name=camera,codec=${video}/90000,payload-type=96,bitrate=500000-500000${mode}`;
      const voice = 'rtp:0,name=voice,codec=PCMU/8000,payload-type=0,bitrate=80000-80000';
      const args = [
        '--id',
        id,
        ...common,
        '--upload',
        '10000000',
        '--source',
        camera,
        '--source',
        voice,
        '--sink',
        'none',
      ];
      const program = stack.use(new Program(args, folder.path));
      programs.set(id, program);
      const ports = await Promise.all(
        ['camera', 'voice'].map(async (stream) => {
          const { told } = await program.heard(
            (line) => line.event === 'source.listening' && line.told.stream === stream,
          );
          return Number(told.port);
        }),
      );
      stack.use(sendPicture(ffmpeg, ports[0] ?? 0, COLOURS.get(id) ?? '', video));
      const speaking = await Voice.start(ports[1] ?? 0, index + 1);
      stack.defer(() => speaking.close());
      voices.set(id, speaking);
    }
    const { told } = await gateway.heard(({ event }) => event === 'phone.listening');
    const phone = stack.use(await startPhone(phoneProgram, { folder: `${folder.path}/phone`, video }));
    phone.dial(`sip:${room}@${String(told.sip)}`);
    await gateway.heard(({ event }) => event === 'phone.connected');
    signal.throwIfAborted();
    const pictures = await ColouredPictures.of(ffmpeg, COLOURS);
    return new PhoneRoom({ gateway, members: programs, voices, phone, pictures }, stack);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** A key frame each second: nobody asks ffmpeg for one. */
function sendPicture(ffmpeg: string, port: number, colour: string, video: PhoneVideo): Tethered {
  const encoder =
    video === 'VP8'
      ? ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-error-resilient', '1']
      : [
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-tune',
          'zerolatency',
          '-profile:v',
          'baseline',
          '-bsf:v',
          'dump_extra',
        ];
  return spawnTethered(ffmpeg, [
    ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', colouredSource(colour, FRAMES_PER_SECOND), ...encoder],
    ...['-threads', '1', '-g', String(FRAMES_PER_SECOND), '-b:v', '300k', '-maxrate', '400k', '-bufsize', '200k'],
    ...(video === 'H264' ? ['-x264-params', 'slice-max-size=1100', '-rtpflags', 'h264_mode0'] : []),
    ...['-f', 'rtp', '-payload_type', '96', `rtp://127.0.0.1:${port}?rtcpport=${port}&pkt_size=1200`],
  ]);
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null && 'event' in line ? { ...line } : undefined;
  } catch {
    return undefined;
  }
}
