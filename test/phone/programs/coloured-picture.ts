/** Pictures with a colour each, as ffmpeg makes them, and which of them a snapshot shows. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const WIDTH = 320;
export const HEIGHT = 240;
/** Above the mark that moves. */
const STILL_ROWS = 200;
/** Blocks of a picture that are compared, in pixels: a wrong one is garbage, however right the rest is. */
const BLOCK = 20;
/** Mean difference of a block in steps of 255: above what an encoder leaves at the lines, far below what another colour is. */
const SAME = 40;
const CHANNELS = 3;

/** An `RRGGBB` with lines across it, and a white mark that moves below. Of ffmpeg's lavfi, endless. */
export function colouredSource(colour: string, framesPerSecond: number): string {
  const size = `${WIDTH}x${HEIGHT}:rate=${framesPerSecond}`;
  const still = `color=c=0x${colour}:size=${size},drawgrid=w=40:h=40:t=2:c=black`;
  const mark = `color=c=white:size=20x20:rate=${framesPerSecond}`;
  return `${still}[still];${mark}[mark];[still][mark]overlay=x='mod(t*80,${WIDTH})':y=${STILL_ROWS + 10},format=yuv420p`;
}

export interface Sight {
  /** Whose picture it is; null: nobody's, so it is garbage. */
  readonly shows: string | null;
  /** The worst block's mean difference from that of each, in steps of 255. */
  readonly differences: Readonly<Record<string, number>>;
  /** Of the rows where the mark moves: another text is another moment. */
  readonly moment: string;
}

export class ColouredPictures {
  readonly #ffmpeg: string;
  readonly #expected: ReadonlyMap<string, Uint8Array>;

  private constructor(ffmpeg: string, expected: ReadonlyMap<string, Uint8Array>) {
    this.#ffmpeg = ffmpeg;
    this.#expected = expected;
  }

  /** @param colours by whose they are */
  static async of(ffmpeg: string, colours: ReadonlyMap<string, string>): Promise<ColouredPictures> {
    const expected = new Map<string, Uint8Array>();
    for (const [name, colour] of colours) {
      expected.set(name, await pixels(ffmpeg, ['-f', 'lavfi', '-i', colouredSource(colour, 1)]));
    }
    return new ColouredPictures(ffmpeg, expected);
  }

  /** What a picture in a file shows. */
  async look(file: string): Promise<Sight> {
    const seen = await pixels(this.#ffmpeg, ['-i', file]);
    const differences = Object.fromEntries(
      [...this.#expected].map(([name, expected]) => [name, Math.round(worstBlock(seen, expected))]),
    );
    const shows = Object.entries(differences).find(([, difference]) => difference <= SAME)?.[0] ?? null;
    const moving = Buffer.from(seen.subarray(STILL_ROWS * WIDTH * CHANNELS)).toString('base64');
    return { shows, differences, moment: moving };
  }
}

async function pixels(ffmpeg: string, input: readonly string[]): Promise<Uint8Array> {
  const { stdout } = await run(
    ffmpeg,
    ['-loglevel', 'error', ...input, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout;
}

function worstBlock(seen: Uint8Array, expected: Uint8Array): number {
  if (seen.length !== expected.length) return 255;
  let worst = 0;
  for (let top = 0; top < STILL_ROWS; top += BLOCK) {
    for (let left = 0; left < WIDTH; left += BLOCK) worst = Math.max(worst, blockDifference(seen, expected, top, left));
  }
  return worst;
}

function blockDifference(seen: Uint8Array, expected: Uint8Array, top: number, left: number): number {
  let sum = 0;
  for (let row = top; row < top + BLOCK; row++) {
    const from = (row * WIDTH + left) * CHANNELS;
    for (let at = from; at < from + BLOCK * CHANNELS; at++) sum += Math.abs((seen[at] ?? 0) - (expected[at] ?? 0));
  }
  return sum / (BLOCK * BLOCK * CHANNELS);
}
