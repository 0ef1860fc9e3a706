/** The command `npm run bench:relay`: what forwarding costs, ours beside others', in one run and in shuffled order. */
import { spawnSync } from 'node:child_process';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { LOADS, type Load, paceAt, paceOf, RECEIVERS } from './relay-loads.ts';
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

interface Row {
  readonly variant: Variant;
  readonly load: Load;
  readonly cpuUsPerPacket: number;
  readonly ratioToC: number | null;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxLosslessPps: number;
}

interface Measurement {
  readonly cpuUsPerPacket: number;
  readonly passage: Passage;
}

const program = new Command('bench:relay')
  .description('Processor time, latency and highest lossless rate of packet forwarders')
  .option('--json', 'print the rows as one JSON document as the last line')
  .option('--seconds <n>', 'length of each measurement, in seconds', positive, 2)
  .option('--rounds <n>', 'how often each forwarder meets each load, in an order drawn anew each time', positive, 3)
  .option('--only <variants...>', `some of ${VARIANTS.join(', ')}`)
  .parse();
const { json, seconds, rounds, only } = program.opts<{
  json?: true;
  seconds: number;
  rounds: number;
  only?: string[];
}>();

const traffic = new Traffic();
using workshop = new Workshop();
for (const [variant, reason] of workshop.missing) process.stderr.write(`left out: ${variant}, because ${reason}\n`);
const variants = workshop.available.filter((variant) => only === undefined || only.includes(variant));
pinToFirstCore();

const measured = new Map<string, Measurement[]>();
const rates = new Map<Variant, number[]>();
for (let round = 1; round <= rounds; round++) {
  for (const variant of shuffled(variants)) {
    process.stderr.write(`round ${round} of ${rounds}: ${variant}\n`);
    await using forwarder = await workshop.start(variant, traffic.upstreamPort, traffic.receiverPorts);
    traffic.run(forwarder.port, paceOf('saturation'), COMPILE_MS);
    for (const load of shuffled(LOADS)) append(measured, `${variant} ${load}`, measure(forwarder, load));
    const saturated = measured.get(`${variant} saturation`)?.at(-1)?.passage.arrived ?? 0;
    append(rates, variant, highestLosslessRate(forwarder, saturated / RECEIVERS / seconds));
  }
}
report(variants.flatMap((variant) => LOADS.map((load) => rowOf(variant, load))));

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

function report(rows: readonly Row[]): void {
  const head = ['forwarder', 'load', 'us CPU per packet', 'ratio to C', 'p50 us', 'p99 us', 'lossless packets/s out'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { variant, load, cpuUsPerPacket, ratioToC, p50Us, p99Us, maxLosslessPps } of rows) {
    table.push([variant, load, cpuUsPerPacket, ratioToC ?? '-', p50Us, p99Us, maxLosslessPps]);
  }
  process.stdout.write(`${table.toString()}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ rows })}\n`);
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

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a number above 0.');
}
