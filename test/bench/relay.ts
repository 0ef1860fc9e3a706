/** The command `npm run bench:relay`: what forwarding costs, ours beside others', in one run and in shuffled order. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { crowdText } from './crowd-report.ts';
import { type Crowd, measureCrowd } from './crowd-room.ts';
import { positive } from './positive.ts';
import { LOADS, type Load, paceAt, paceOf, RECEIVERS } from './relay-loads.ts';
import { relayPicture } from './relay-picture.ts';
import { type Row, rowsText, soakText } from './relay-report.ts';
import { type Soak, soak } from './relay-soak.ts';
import { type Passage, Traffic } from './relay-traffic.ts';
import { type Forwarder, TASKSET, VARIANTS, type Variant, Workshop } from './relay-variants.ts';

/** At full load after the start, in ms: engines compile only what they have run often. */
const COMPILE_MS = 1000;
/** Before each measurement, in ms. */
const WARM_UP_MS = 300;
/**
 * The search for the highest lossless rate halves the range from 0 to somewhat more than what passed under saturation
 * so often, to within 1 %.
 */
const ABOVE_SATURATION = 1.3;
const HALVINGS = 7;
const RATE_TRIAL_MS = 500;
/** A trial counts as lossless if not more than this is missing: other programs on the machine pause us. */
const LOSSLESS_SHARE = 1e-4;
/** Failed trials of a rate before the search ends there. */
const TRIALS = 3;

const PICTURES = fileURLToPath(new URL('./pictures/', import.meta.url));
const PARTS = ['forwarders', 'soak', 'crowd'] as const;

interface Options {
  readonly json?: true;
  readonly seconds: number;
  readonly rounds: number;
  readonly only?: readonly string[];
  readonly parts: readonly (typeof PARTS)[number][];
  readonly soak: number;
  readonly soakPps: number;
  readonly peers: number;
}

interface Measurement {
  readonly cpuUsPerPacket: number;
  readonly passage: Passage;
}

const program = new Command('bench:relay')
  .description('Processor time, latency and highest lossless rate of packet forwarders; draws the first.')
  .option('--json', 'print the rows as one JSON document as the last line')
  .option('--seconds <n>', 'length of each measurement, in seconds', positive, 2)
  .option('--rounds <n>', 'how often each forwarder meets each load, in an order drawn anew each time', positive, 3)
  .option('--only <variants...>', `some of ${VARIANTS.join(', ')}`)
  .addOption(new Option('--parts <parts...>', 'what to measure').choices(PARTS).default([...PARTS], 'all of it'))
  .option('--soak <seconds>', 'how long it is watched whether forwarding makes a process grow', positive, 20)
  .option('--soak-pps <n>', 'packets a second that come in meanwhile', positive, 20_000)
  .option('--peers <n>', 'how many are in the room whose peers are measured', positive, 50)
  .parse();
const { json, seconds, rounds, only, parts, soak: soakSeconds, soakPps, peers } = program.opts<Options>();

const say = (line: string) => void process.stderr.write(`${line}\n`);
const crowd = parts.includes('crowd') ? await crowdBeforeAll() : null;
const traffic = new Traffic();
using workshop = new Workshop();
for (const [variant, reason] of workshop.missing) say(`left out: ${variant}, because ${reason}`);
const variants = workshop.available.filter((variant) => only === undefined || only.includes(variant));
pinToFirstCore();

const measured = new Map<string, Measurement[]>();
const rates = new Map<Variant, number[]>();
if (parts.includes('forwarders')) await compareForwarders();
const rows = measured.size === 0 ? [] : variants.flatMap((variant) => LOADS.map((load) => rowOf(variant, load)));
report(rows, parts.includes('soak') ? await soakBoth() : [], crowd);

/** While this program may still sleep, and has no core to itself. */
async function crowdBeforeAll(): Promise<Crowd> {
  return measureCrowd({ peers, seconds: 5 * seconds, say });
}

async function compareForwarders(): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    for (const variant of shuffled(variants)) {
      say(`round ${round} of ${rounds}: ${variant}`);
      await using forwarder = await workshop.start(variant, traffic.upstreamPort, traffic.receiverPorts);
      traffic.run(forwarder.port, paceOf('saturation'), COMPILE_MS);
      for (const load of shuffled(LOADS)) append(measured, `${variant} ${load}`, measure(forwarder, load));
      const saturated = measured.get(`${variant} saturation`)?.at(-1)?.passage.arrived ?? 0;
      append(rates, variant, highestLosslessRate(forwarder, saturated / RECEIVERS / seconds));
    }
  }
}

async function soakBoth(): Promise<Soak[]> {
  const soaks: Soak[] = [];
  for (const variant of ['batched', 'dgram'] as const) {
    say(`soak: ${variant}, ${soakSeconds} s`);
    soaks.push(await soak(variant, traffic, soakPps, soakSeconds));
  }
  return soaks;
}

function measure(forwarder: Forwarder, load: Load): Measurement {
  const pace = paceOf(load);
  traffic.run(forwarder.port, pace, WARM_UP_MS);
  const before = forwarder.cpuUs();
  const passage = traffic.run(forwarder.port, pace, 1000 * seconds);
  return { passage, cpuUsPerPacket: (forwarder.cpuUs() - before) / passage.arrived };
}

/** Packets a second out of the forwarder, all receivers together. */
function highestLosslessRate(forwarder: Forwarder, saturatedRate: number): number {
  let passed = 0;
  let failed = ABOVE_SATURATION * saturatedRate;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const rate = (passed + failed) / 2;
    const passes = Array.from({ length: TRIALS }, () => rate).some((each) => isLossless(forwarder, each));
    if (passes) passed = rate;
    else failed = rate;
  }
  return passed * RECEIVERS;
}

function isLossless(forwarder: Forwarder, rate: number): boolean {
  const { sent, arrived } = traffic.run(forwarder.port, paceAt(rate), RATE_TRIAL_MS);
  const offered = (rate * RATE_TRIAL_MS) / 1000;
  // A sender that does not keep up has not tried that rate.
  return sent >= 0.98 * offered && arrived >= (1 - LOSSLESS_SHARE) * sent * RECEIVERS;
}

function rowOf(variant: Variant, load: Load): Row {
  const cpu = (of: Variant) => median(measured.get(`${of} ${load}`)?.map((each) => each.cpuUsPerPacket) ?? []);
  const passages = (measured.get(`${variant} ${load}`) ?? []).map(({ passage }) => passage);
  return {
    variant,
    load,
    cpuUsPerPacket: rounded(cpu(variant)),
    ratioToC: !variants.includes('c') ? null : rounded(cpu(variant) / cpu('c')),
    p50Us: rounded(median(passages.map(({ p50Us }) => p50Us))),
    p99Us: rounded(median(passages.map(({ p99Us }) => p99Us))),
    maxLosslessPps: Math.round(median(rates.get(variant) ?? [])),
  };
}

function report(rows: readonly Row[], soaks: readonly Soak[], crowd: Crowd | null): void {
  if (rows.length > 0) {
    mkdirSync(PICTURES, { recursive: true });
    writeFileSync(`${PICTURES}relay.svg`, relayPicture(rows));
    process.stdout.write(`${rowsText(rows)}\n`);
  }
  for (const each of soaks) process.stdout.write(`${soakText(each)}\n`);
  if (crowd !== null) process.stdout.write(`${crowdText(crowd)}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ rows, soaks, crowd })}\n`);
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  lists.set(key, [...(lists.get(key) ?? []), value]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** Order decides who gets the machine's better moments, so nobody keeps a place. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** This program never sleeps; without a core of its own it would take the forwarder's. */
function pinToFirstCore(): void {
  spawnSync(TASKSET, ['-a', '-cp', '0', String(process.pid)]);
}
