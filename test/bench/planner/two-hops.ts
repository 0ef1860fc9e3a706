/** The command `npm run bench:two-hops`: how many more pairs hang on a relay than an exact solver needs, in small rooms. */
import Table from 'cli-table3';
import { Command } from 'commander';
import { planRoom } from '../../../machines/plan.ts';
import { twoHopPairs } from '../../planning/audit.ts';
import { leastTwoHopPairs } from '../../planning/exact.ts';
import { evenRoom, joinedOneByOne, mixedRoom, seededRandom } from '../../planning/rooms.ts';
import { wholeNumber } from '../../simulation/command/options.ts';
import { ProgressBar } from '../../simulation/command/progress-bar.ts';
import { sizesOption } from '../options.ts';

/** Every way of every slice is a variable of the solver: a room of six takes it minutes. */
const SIZES = [3, 4, 5];
/** Fixed rates as parts of what the bound allows, in turn: rooms with upload to spare and rooms with next to none. */
const PARTS = [0.6, 0.9, 0.98, 0.995];
const KINDS = { equal: evenRoom, mixed: mixedRoom };
type Rates = keyof typeof KINDS;

interface Options {
  readonly seed: number;
  readonly rooms: number;
  readonly peers: readonly number[];
  readonly json?: true;
}

/** Over the rooms of one kind in which everybody can be served. */
interface Figures {
  readonly size: number;
  readonly rates: Rates;
  readonly rooms: number;
  /** Rooms in which the plan leaves a pair unserved that the solver serves. */
  readonly missed: number;
  /** Pairs of a source and a receiver that get anything through a relay, of all rooms. */
  readonly least: number;
  readonly planned: number;
  /** The same in rooms to which the peers came one by one. */
  readonly grown: number;
  /** The most pairs that any one room has above its least. */
  readonly worst: number;
}

const program = new Command('npm run bench:two-hops --')
  .description('Pairs that hang on a relay, beside the least possible, which an integer program solver finds.')
  .option('--seed <n>', 'of the rooms', wholeNumber({ least: 0, most: 1_000_000 }), 1)
  .option('--rooms <n>', 'rooms of each size and kind', wholeNumber({ least: 1, most: 100_000 }), 200)
  .addOption(sizesOption('sizes of the rooms', SIZES, { least: 2, most: 6 }))
  .option('--json', 'print the figures as one line of JSON at the end')
  .parse();
const { seed, rooms, peers, json } = program.opts<Options>();

const kinds = peers.flatMap((of) => [
  { of, rates: 'equal' as const },
  { of, rates: 'mixed' as const },
]);
const bar = new ProgressBar();
const figures = kinds.map(({ of, rates }, index) =>
  compare(of, rates, (done) => bar.show((index + done) / kinds.length, `rooms of ${of}, ${rates} rates`)),
);
bar.end();

const table = new Table({
  head: [
    'N',
    'fixed rates',
    'rooms',
    'missed',
    'least pairs',
    'planned',
    'above least',
    'worst room',
    'grown',
    'above least',
  ],
  style: { head: [], border: [] },
});
for (const { size: of, rates, rooms: solved, missed, least, planned, worst, grown } of figures) {
  const above = (pairs: number) => (least === 0 ? 'none' : `${(100 * (pairs / least - 1)).toFixed(2)} %`);
  table.push([of, rates, solved, missed, least, planned, above(planned), `${worst} more`, grown, above(grown)]);
}
process.stdout.write(
  `Pairs that hang on a relay, in rooms in which 16 slices can serve everybody\n${table.toString()}\n`,
);
if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);

function compare(size: number, rates: Rates, progress: (part: number) => void): Figures {
  const random = seededRandom(seed * 100 + size);
  let [solved, missed, least, planned, worst, grown] = [0, 0, 0, 0, 0, 0];
  for (let run = 0; run < rooms; run += 1) {
    progress(run / rooms);
    const room = KINDS[rates](random, size, PARTS[run % PARTS.length] ?? 1);
    const best = leastTwoHopPairs(room);
    if (best === null) continue;
    const plan = planRoom(room);
    solved += 1;
    if (plan.unserved.length > 0) {
      missed += 1;
      continue;
    }
    const pairs = twoHopPairs(plan);
    least += best;
    planned += pairs;
    grown += twoHopPairs(planRoom(joinedOneByOne(room)));
    worst = Math.max(worst, pairs - best);
  }
  return { size, rates, rooms: solved, missed, least, planned, worst, grown };
}
