/**
 * The command `npm run bench:planner-share`: how much of the bound plans reach over random rooms of homes with free rates; with
 * `--graph`, how much of what is possible where not everybody reaches everybody.
 */
import Table from 'cli-table3';
import { Command } from 'commander';
import { planRoom } from '../../../machines/plan.ts';
import { GRAPHS, graphShare } from '../../planning/graph-share.ts';
import { homeRoom, seededRandom } from '../../planning/rooms.ts';
import { wholeNumber } from '../../simulation/command/options.ts';
import { ProgressBar } from '../../simulation/command/progress-bar.ts';

const SIZES = [3, 5, 8, 12, 20, 40];
/** The exact solver takes twice as long for every peer more. */
const GRAPH_SIZES = [4, 5, 6, 7, 8];
const ROOMS = 1000;

interface Options {
  readonly rooms: number;
  readonly graph?: true;
  readonly json?: true;
}

const command = new Command('npm run bench:planner-share --')
  .description('Share of the bound that plans reach over random rooms.')
  .option(
    '--rooms <count>',
    'rooms of each size; with --graph, of all sizes together',
    wholeNumber({ least: 1, most: 1_000_000 }),
    ROOMS,
  )
  .option('--graph', 'rooms in which not everybody reaches everybody; an exact solver says what is possible')
  .option('--json', 'print the figures as one line of JSON at the end')
  .parse();
const { rooms, graph, json } = command.opts<Options>();

const { title, table, figures } = graph ? ofGraphs() : ofBound();
process.stdout.write(`${title}\n${table.toString()}\n`);
if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);

function tableOf(...head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}

function ofBound() {
  const table = tableOf('N', 'mean share', 'least share', 'unserved pairs');
  const figures = SIZES.map((size) => {
    const random = seededRandom(size);
    let sum = 0;
    let least = 1;
    let unserved = 0;
    for (let run = 0; run < rooms; run += 1) {
      const plan = planRoom(homeRoom(random, size));
      sum += plan.ratio;
      least = Math.min(least, plan.ratio);
      unserved += plan.unserved.length;
    }
    const mean = sum / rooms;
    table.push([size, mean.toFixed(4), least.toFixed(4), unserved]);
    return { size, mean, least, unserved };
  });
  return { title: `Share of the bound, ${rooms} random rooms of each size`, table, figures };
}

function ofGraphs() {
  const kinds = Object.entries(GRAPHS).flatMap(([name, draw]) => GRAPH_SIZES.map((size) => ({ name, draw, size })));
  const table = tableOf('N', 'graph', 'rooms', 'mean share', 'least share', 'pairs', 'missed');
  const bar = new ProgressBar();
  const figures = kinds.map(({ name, draw, size }, at) => {
    const random = seededRandom(size);
    const count = Math.floor(((at + 1) * rooms) / kinds.length) - Math.floor((at * rooms) / kinds.length);
    const shares: number[] = [];
    let pairs = 0;
    let missed = 0;
    for (let run = 0; run < count; run += 1) {
      bar.show((at + run / count) / kinds.length, `rooms of ${size}, ${name}`);
      const room = graphShare(draw(random, size));
      if (room.share !== null) shares.push(room.share);
      pairs += room.servable;
      missed += room.missed;
    }
    const sum = shares.reduce((total, share) => total + share, 0);
    return { name, size, rooms: count, judged: shares.length, sum, least: Math.min(1, ...shares), pairs, missed };
  });
  bar.end();
  const total = (of: (figure: (typeof figures)[number]) => number) => figures.reduce((sum, one) => sum + of(one), 0);
  const all = { name: 'all', size: 0, rooms, judged: total((one) => one.judged), sum: total((one) => one.sum) };
  const least = Math.min(...figures.map((one) => one.least));
  const lines = [...figures, { ...all, least, pairs: total((one) => one.pairs), missed: total((one) => one.missed) }];
  const shown = lines.map(({ sum, judged, ...rest }) => ({ ...rest, mean: judged > 0 ? sum / judged : 1 }));
  for (const { size, name, rooms: drawn, mean, least: lowest, pairs, missed } of shown) {
    table.push([size || '', name, drawn, mean.toFixed(4), lowest.toFixed(4), pairs, missed]);
  }
  return {
    title: `Share of what an exact solver finds possible, ${rooms} random rooms with graphs`,
    table,
    figures: shown,
  };
}
