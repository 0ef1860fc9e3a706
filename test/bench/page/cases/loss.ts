/**
 * Of the frames that are encoded, how many are decoded at the other end where 5 % of all packets between the two peers are lost. The
 * case runs in a network of its own, where a rule of the kernel loses them.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findExecutable } from '../../../../infra/setup/executable.ts';
import { SYSTEM } from '../../../network/parts/space.ts';
import type { PageCase } from '../contract.ts';
import { rounded } from '../figures.ts';

const execute = promisify(execFile);

const PROGRAMS = ['unshare', 'ip', 'nft'];
/** A program with nothing but a loopback interface around it. */
const ALONE = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'alone'];

/** What the program in {@link PLAYED} prints as JSON. */
export interface Played {
  readonly encoded: number;
  readonly decoded: number;
  /** Share of the packets between the two that the rule dropped, 0..1. */
  readonly lost: number;
}

const PLAYED = new URL('lossy-call.ts', import.meta.url).pathname;

export const LOSS: PageCase = {
  name: 'loss-5',
  goal: '>= 95 %',
  whyNot,
  async measure({ seconds, say }) {
    const command = [process.execPath, '--import', import.meta.resolve('tsx'), PLAYED, String(seconds)];
    const { stdout } = await execute('unshare', [...ALONE, ...command], { env: SYSTEM });
    const { encoded, decoded, lost }: Played = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    say(`${decoded} of ${encoded} frames, ${(100 * lost).toFixed(1)} % of the packets lost`);
    return { value: rounded((100 * decoded) / encoded, 1), unit: '% of frames' };
  },
};

async function whyNot(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return 'it makes a network of its own: Linux, as root';
  for (const program of PROGRAMS) {
    if ((await findExecutable(program, SYSTEM)) === undefined) return `there is no program ${program}`;
  }
  return undefined;
}
