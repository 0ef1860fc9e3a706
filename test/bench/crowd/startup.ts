/** How long a peer takes from its start until it could join, by packet path: each start a process of its own, alone. */
import { fileURLToPath } from 'node:url';
import { spawnTethered } from '../../../infra/process/tethered.ts';
import { inRoom, type OpenRoom } from '../../scenarios/playing/in-room.ts';
import { peerArguments } from '../../scenarios/playing/peer-process.ts';
import { median } from '../median.ts';

const PEER = fileURLToPath(new URL('../../../actors/peer.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** So many starts each: the median of fewer still moves by a tenth. */
const ROUNDS = 11;
/** `left open`: without --packet-path, as peers are started. */
const CHOICES = { 'left open': [], dgram: ['--packet-path', 'dgram'], batched: ['--packet-path', 'batched'] } as const;
type Choice = keyof typeof CHOICES;

/** Medians in ms. */
export type Startup = Readonly<Record<Choice, number>>;

/** Starts in turn, so that what else the machine does meets all choices alike. */
export function measureStartup(say: (line: string) => void): Promise<Startup> {
  return inRoom([], { say }, async (open) => {
    const times: Record<Choice, number[]> = { 'left open': [], dgram: [], batched: [] };
    const choices: readonly Choice[] = ['left open', 'dgram', 'batched'];
    for (let round = 0; round < ROUNDS; round++) {
      for (let turn = 0; turn < choices.length; turn++) {
        const choice = choices[(round + turn) % choices.length] ?? 'dgram';
        times[choice].push(await start(open, `P${round}-${turn}`, choice));
      }
    }
    return { 'left open': median(times['left open']), dgram: median(times.dgram), batched: median(times.batched) };
  });
}

async function start({ room, entrance }: OpenRoom, id: string, choice: Choice): Promise<number> {
  const spec = { id, uploadBps: 1e7, bitrate: { minBps: 1e5, maxBps: 1e5 } };
  const args = ['--import', 'tsx', PEER, ...peerArguments(spec, entrance), ...CHOICES[choice]];
  const since = performance.now();
  const tethered = spawnTethered(process.execPath, args, { cwd: ROOT, output: 'pipe' });
  try {
    await room.script.ready(id);
    return performance.now() - since;
  } finally {
    tethered.child.kill('SIGKILL');
    await tethered.stop();
  }
}
