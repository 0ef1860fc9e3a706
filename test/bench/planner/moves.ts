/** The command `npm run bench:moves`: how many ways a plan moves for a peer that joins, beside the least that must move. */
import Table from 'cli-table3';
import { Command } from 'commander';
import { fewestMoves } from '../../planning/fewest-moves.ts';
import { lastJoin } from '../../planning/last-join.ts';
import { leastMoves } from '../../planning/least-moves.ts';
import { homeRoom, seededRandom } from '../../planning/rooms.ts';
import { wholeNumber } from '../../simulation/command/options.ts';
import { ProgressBar } from '../../simulation/command/progress-bar.ts';
import { median } from '../median.ts';
import { sizesOption } from '../options.ts';

/** With the joiner. */
const SIZES = [4, 5, 6, 8, 12, 16, 20];
/** Up to here every way of every slice is tried. */
const EXACT_SIZE = 6;

interface Options {
  readonly seed: number;
  readonly rooms: number;
  readonly peers: readonly number[];
  readonly json?: true;
}

/** Sums over the rooms of one size, in ways: slices of sources to receivers. */
interface Figures {
  readonly size: number;
  readonly ways: number;
  readonly moved: number;
  readonly least: number;
  readonly exact: boolean;
  /** Rooms in which no more moved than must. */
  readonly leastReached: number;
  /** To find what must move in one room, at the median. */
  readonly solverMs: number;
}

const program = new Command('npm run bench:moves --')
  .description('What the last of the peers moves that join a room one by one, beside the least that a solver finds.')
  .option('--seed <n>', 'of the rooms', wholeNumber({ least: 0, most: 1_000_000 }), 1)
  .option('--rooms <n>', 'rooms of each size', wholeNumber({ least: 1, most: 100_000 }), 50)
  .addOption(sizesOption('sizes of the rooms, the joiner included', SIZES, { least: 3, most: 40 }))
  .option('--json', 'print the figures as one line of JSON at the end')
  .addHelpText(
    'after',
    `
What must move at least:
  exact   (up to ${EXACT_SIZE} peers) for any plan of 16 slices with the same rates, in which no source leaves more to relays, none is split
          that the plan does not split, and no more pairs hang on a relay: the aims that come before few changes
  bound   (above) for any with the same rates, in which no source leaves more to relays and none is split that the plan does not
          split, could the slices of the others be cut at will and a stream be shared out among any number of relays`,
  )
  .parse();
const { seed, rooms, peers, json } = program.opts<Options>();

const bar = new ProgressBar();
const figures = peers.map((of, index) =>
  compare(of, (done) => bar.show((index + done) / peers.length, `rooms of ${of}`)),
);
bar.end();

const table = new Table({
  head: ['N', 'rooms', 'ways', 'moved', 'must at least', 'by', 'just the least in', 'solver, ms'],
  style: { head: [], border: [] },
});
for (const { size: of, ways, moved, least, exact, leastReached, solverMs } of figures) {
  table.push([of, rooms, ways, moved, least, exact ? 'exact' : 'bound', `${leastReached} rooms`, Math.round(solverMs)]);
}
process.stdout.write(
  `What the plan moves for the last of N peers that join one by one, at free rates\n${table.toString()}\n`,
);
if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);

function compare(size: number, progress: (part: number) => void): Figures {
  const random = seededRandom(seed * 100 + size);
  const exact = size <= EXACT_SIZE;
  const mustMove = exact ? fewestMoves : leastMoves;
  let [ways, moved, least, leastReached] = [0, 0, 0, 0];
  const times: number[] = [];
  for (let run = 0; run < rooms; run += 1) {
    progress(run / rooms);
    const join = lastJoin(homeRoom(random, size), mustMove);
    ways += join.ways;
    moved += join.moved;
    least += join.least;
    if (join.moved <= join.least) leastReached += 1;
    times.push(join.solverMs);
  }
  return { size, ways, moved, least, exact, leastReached, solverMs: median(times) };
}
