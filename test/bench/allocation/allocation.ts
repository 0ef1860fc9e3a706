/**
 * The command `npm run bench:allocation`: how much of the bound we reach beside a full mesh, the prototype's rule and whole
 * streams, and how fast simulated rooms settle; as tables, and as pictures in `test/bench/pictures`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { wholeNumber } from '../../simulation/command/options.ts';
import { median } from '../median.ts';
import { settlingPicture, sharesPicture } from './pictures.ts';
import { measureSettling, RUN_SECONDS, type Settling } from './settling.ts';
import { measureShares, ROOM_SIZES, SCHEMES, type Shares } from './shares.ts';

const PICTURES = fileURLToPath(new URL('../pictures/', import.meta.url));
const PARTS = ['shares', 'settling'] as const;

interface Options {
  readonly json?: true;
  readonly rooms: number;
  readonly runs: number;
  readonly only: readonly (typeof PARTS)[number][];
}

const program = new Command('npm run bench:allocation --')
  .description('Share of the bound against the size of the room, and how fast simulated rooms settle; draws both.')
  .option('--rooms <N>', 'random rooms of each size', wholeNumber({ least: 1, most: 1_000_000 }), 1000)
  .option('--runs <N>', 'simulated rooms of each size and preset', wholeNumber({ least: 1, most: 1000 }), 3)
  .option('--json', 'print the figures as one line of JSON at the end')
  .addOption(new Option('--only <parts...>', 'one of the two parts').choices(PARTS).default([...PARTS], 'both'))
  .parse();
const { json, rooms, runs, only } = program.opts<Options>();

const say = (line: string) => void process.stderr.write(`${line}\n`);
const shares = only.includes('shares') ? measureShares(rooms, say) : [];
const settling = only.includes('settling') ? measureSettling(runs, say) : [];

mkdirSync(PICTURES, { recursive: true });
if (shares.length > 0) {
  writeFileSync(`${PICTURES}allocation.svg`, sharesPicture(shares));
  process.stdout.write(`${sharesTable(shares)}\n`);
}
if (settling.length > 0) {
  writeFileSync(`${PICTURES}settling.svg`, settlingPicture(settling));
  process.stdout.write(`${settlingTable(settling)}\n`);
}
if (json) process.stdout.write(`${JSON.stringify({ shares, settling })}\n`);

function sharesTable(measured: readonly Shares[]): string {
  const table = new Table({ head: ['N', ...SCHEMES], style: { head: [], border: [] } });
  for (const size of ROOM_SIZES) {
    const own = measured.filter((each) => each.size === size);
    table.push([size, ...own.map(({ mean, least }) => `${mean.toFixed(3)} (${least.toFixed(3)})`)]);
  }
  const title = `The share of its rate by the bound that every source gets: mean (least) of ${rooms} random rooms`;
  return `${title}\n${table.toString()}`;
}

function settlingTable(measured: readonly Settling[]): string {
  const head = [
    'preset',
    'N',
    'settled after, virtual ms',
    'messages a peer',
    'least share of the bound',
    'violations',
  ];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { preset, size, settleMs, messagesPerPeer, share, violations } of measured) {
    table.push([preset, size, spread(settleMs), spread(messagesPerPeer), share.toFixed(3), violations]);
  }
  const title = `Rooms that everybody joins within 3 s, in ${RUN_SECONDS} simulated seconds: median (least to most) of ${runs} runs`;
  return `${title}\n${table.toString()}`;
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
}
