/** The command `npm run bench:relay`: what forwarding costs, ours beside others', and what a peer that does it costs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { crowdText } from '../crowd/report.ts';
import { measureCrowd } from '../crowd/room.ts';
import { positive } from '../options.ts';
import { compareForwarders } from './comparison.ts';
import { type Figures, figuresOf } from './figures.ts';
import { Cores } from './forwarders/cores.ts';
import { VARIANTS, Workshop } from './forwarders/variants.ts';
import { relayPicture } from './picture.ts';
import { ratiosText, rowsText, soakText, tableChangeText } from './report.ts';
import { soak } from './soak.ts';
import { measureTableChange } from './table-change.ts';

const PICTURES = fileURLToPath(new URL('../pictures/', import.meta.url));
/** In this order: the room of fifty takes longest and disturbs the machine most. */
const PARTS = ['forwarders', 'table', 'soak', 'crowd'] as const;
type Part = (typeof PARTS)[number];
/** That the room is measured once it is at rest. */
const CROWD_SECONDS = 10;

interface Options {
  readonly json?: true;
  readonly seconds: number;
  readonly rounds: number;
  readonly only?: readonly string[];
  readonly parts: readonly Part[];
  readonly minutes: number;
  readonly soakPps: number;
  readonly peers: number;
}

const program = new Command('npm run bench:relay --')
  .description('Processor time, latency and highest lossless rate of packet forwarders; draws the first.')
  .option('--json', 'print the figures as one JSON document as the last line')
  .option('--seconds <n>', 'length of each measurement, in seconds', positive, 0.4)
  .option('--rounds <n>', 'how often each forwarder meets each load, in an order drawn anew each time', positive, 11)
  .addOption(new Option('--only <variants...>', 'some of the forwarders; draws nothing').choices(VARIANTS))
  .addOption(new Option('--parts <parts...>', 'what to measure').choices(PARTS).default([...PARTS], 'all of it'))
  .option('--minutes <n>', 'how long it is watched whether forwarding makes a process grow', positive, 0.5)
  .option('--soak-pps <n>', 'packets a second that come in meanwhile', positive, 50_000)
  .option('--peers <n>', 'how many are in the room whose peers are measured', positive, 50)
  .parse();
const { json, seconds, rounds, only, parts, minutes, soakPps, peers } = program.opts<Options>();

const say = (line: string) => void process.stderr.write(`${line}\n`);
const failures: string[] = [];

const { figures, table, soaked } = await onOwnCores();
const crowd = await attempt('crowd', () => measureCrowd({ peers, seconds: CROWD_SECONDS, say }));
report();
// A part that hangs on must not keep the command from ending.
process.exit(failures.length === 0 ? 0 : 1);

/** What is measured while this program has a core to itself, and the forwarder the other one. */
async function onOwnCores() {
  await using cores = new Cores();
  if (cores.missing !== null) say(`programs share their cores, because ${cores.missing}`);
  using workshop = new Workshop(cores);
  for (const [variant, reason] of workshop.missing) say(`left out: ${variant}, because ${reason}`);
  const figures = await attempt('forwarders', () => compare(workshop));
  return {
    figures,
    table: await attempt('table', async () => [await measureTableChange('dgram'), await measureTableChange('batched')]),
    soaked: await attempt('soak', () => soak({ workshop, variant: 'batched', pps: soakPps, seconds: 60 * minutes })),
  };
}

async function compare(workshop: Workshop): Promise<Figures> {
  const variants = workshop.available.filter((variant) => only === undefined || only.includes(variant));
  const comparison = await compareForwarders({ workshop, variants, rounds, ms: 1000 * seconds, say });
  failures.push(...comparison.failures);
  return figuresOf(comparison);
}

/** Runs a part if it is wanted. One that fails does not keep the others from theirs. */
async function attempt<Result>(part: Part, measure: () => Promise<Result>): Promise<Result | null> {
  if (!parts.includes(part)) return null;
  say(`part: ${part}`);
  try {
    return await measure();
  } catch (error) {
    failures.push(`${part}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

function report(): void {
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  if (figures !== null) {
    const isWhole = only === undefined && figures.rows.every(({ cpuUsPerPacket }) => cpuUsPerPacket !== null);
    if (isWhole) draw(figures);
    else say('not drawn: some of the forwarders are left out, or their figures void');
    print(rowsText(figures.rows));
    print(ratiosText(figures.ratios));
    for (const each of figures.voids) print(each);
  }
  for (const each of table ?? []) print(tableChangeText(each));
  if (soaked !== null) print(soakText(soaked));
  if (crowd !== null) print(crowdText(crowd));
  for (const failure of failures) print(`failed: ${failure}`);
  if (json) print(JSON.stringify({ rows: [], ...figures, table, soak: soaked, crowd, failures }));
}

function draw({ rows }: Figures): void {
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(`${PICTURES}relay.svg`, relayPicture(rows));
}
