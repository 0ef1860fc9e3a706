/** The command `npm run bench:settle`: what it takes until a room that stands has settled on one peer more. */
import { Command } from 'commander';
import { presetOption, wholeNumber } from '../../simulation/command/options.ts';
import { ProgressBar } from '../../simulation/command/progress-bar.ts';
import type { PresetName } from '../../simulation/script/presets.ts';
import { sizesOption } from '../options.ts';
import { type Joined, playJoin } from './join.ts';
import { settleTable, summarize } from './report.ts';

/** With the joiner. */
const SIZES = [4, 8, 12, 16, 20, 32];
/** So many that a median and its quartiles say something. */
const ROOMS = 15;

interface Options {
  readonly seed: number;
  readonly runs: number;
  readonly peers: readonly number[];
  readonly preset: PresetName;
  readonly json?: true;
}

const program = new Command('npm run bench:settle --')
  .description('One peer joins a simulated room that stands: how long it takes to settle, what is said, what moves.')
  .option('--seed <n>', 'the first seed', wholeNumber({ least: 0, most: 1_000_000 }), 1)
  .option('--runs <n>', 'rooms of each size, each with the next seed', wholeNumber({ least: 1, most: 1000 }), ROOMS)
  .addOption(sizesOption('sizes of the rooms, the joiner included', SIZES, { least: 3, most: 100 }))
  .addOption(presetOption.default('calm'))
  .option('--json', 'print the figures as one line of JSON at the end')
  .addHelpText(
    'after',
    `
What the figures mean:
  moved after      from the joiner's first message to the last change of a rate or of a way that packets take, in
                   message round trips of the simulated bus (preset calm: 40 ms, no jitter, nothing lost; home: 48 ms)
  settled after    the same to the last change of anything: old ways drained, ledgers, agreements
  messages a peer  published because of the join, by all peers, over their number; signs of life are left out.
                   Their growth is the exponent e of N^e from the smallest to the largest room
  ways             slices of sources to receivers: of those before the join, how many go another way after it, in a room and
                   in all rooms together. "planned" moves are those of the plan for the room with the joiner, from how it
                   ran; "least" is what a linear program solver finds that must move, could slices be cut at will: no
                   plan with these rates moves less, unless its sources leave more to relays`,
  )
  .parse();
const { seed, runs, peers: sizes, preset, json } = program.opts<Options>();

const bar = new ProgressBar();
const played = new Map<number, Joined[]>(sizes.map((size) => [size, []]));
const all = sizes.flatMap((size) => Array.from({ length: runs }, (_, index) => ({ size, seed: seed + index })));
for (const [index, room] of all.entries()) {
  bar.show(index / all.length, `${room.size} peers, seed ${room.seed}`);
  played.get(room.size)?.push(playJoin(room.seed, preset, room.size));
}
bar.end();

const summary = summarize(played);
process.stdout.write(`${settleTable(summary, runs)}\n`);
if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
