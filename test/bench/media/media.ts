/** The command `npm run bench:media`: media as programs make it over real networks in namespaces, and what players get of it. */
import { Command, Option } from 'commander';
import { whyNoLab } from '../../network/available.ts';
import { wholeNumber } from '../../simulation/command/options.ts';
import { median } from '../median.ts';
import { BURST } from './cases/burst.ts';
import { JOIN } from './cases/join.ts';
import { KILLED } from './cases/killed.ts';
import { LOSS5 } from './cases/loss5.ts';
import { SCREEN } from './cases/screen.ts';
import { SYNC } from './cases/sync.ts';
import type { Figures, MediaCase } from './contract.ts';
import { DELAY_MS } from './lab.ts';

const CASES: readonly MediaCase[] = [BURST, SCREEN, LOSS5, JOIN, SYNC, KILLED];

interface Options {
  readonly json?: true;
  readonly runs: number;
  readonly only?: readonly string[];
}

const program = new Command('npm run bench:media --')
  .description(
    `Media as programs make it through real peers in network namespaces, ${DELAY_MS} ms from each other: needs Linux, root, ffmpeg and nats-server.`,
  )
  .option('--runs <n>', 'how often each case is played; the medians are told', wholeNumber({ least: 1, most: 100 }), 5)
  .addOption(new Option('--only <cases...>', 'some of the cases').choices(CASES.map(({ name }) => name)))
  .option('--json', 'print the figures as one line of JSON at the end')
  .addHelpText('after', `\nCases:\n${CASES.map(({ name, about }) => `  ${name.padEnd(8)} ${about}`).join('\n')}`)
  .parse();
const { json, runs, only } = program.opts<Options>();

if (whyNoLab !== undefined) program.error(`error: ${whyNoLab}`);

const rows: ({ readonly case: string } & Figures)[] = [];
for (const one of CASES.filter(({ name }) => only?.includes(name) ?? true)) {
  const played: Figures[] = [];
  for (let run = 1; run <= runs; run++) {
    const figures = await one.run();
    played.push(figures);
    process.stderr.write(`${one.name} ${run} of ${runs}: ${figuresText(figures)}\n`);
  }
  rows.push({ case: one.name, ...medians(played) });
}
for (const { case: name, ...figures } of rows) process.stdout.write(`${name}: ${figuresText(figures)}\n`);
if (json) process.stdout.write(`${JSON.stringify({ rows })}\n`);

function medians(played: readonly Figures[]): Figures {
  const of = (value: (figures: Figures) => number | null) => {
    const values = played.flatMap((figures) => value(figures) ?? []);
    return values.length === 0 ? null : median(values);
  };
  return {
    delivered: of(({ delivered }) => delivered),
    framesWhole: of(({ framesWhole }) => framesWhole),
    joinToPictureMs: of(({ joinToPictureMs }) => joinToPictureMs),
    skewMs: of(({ skewMs }) => skewMs),
    lateFrameMs: of(({ lateFrameMs }) => lateFrameMs),
  };
}

function figuresText({ delivered, framesWhole, joinToPictureMs, skewMs, lateFrameMs }: Figures): string {
  const share = (value: number) => `${(100 * value).toFixed(2)} %`;
  return [
    ...(delivered === null ? [] : [`${share(delivered)} of packets`]),
    ...(framesWhole === null ? [] : [`${share(framesWhole)} of frames whole`]),
    ...(joinToPictureMs === null ? [] : [`first picture after ${joinToPictureMs.toFixed(0)} ms`]),
    ...(skewMs === null ? [] : [`voice and camera ${skewMs.toFixed(2)} ms apart`]),
    ...(lateFrameMs === null ? [] : [`the latest frame ${lateFrameMs.toFixed(0)} ms late`]),
  ].join(', ');
}
