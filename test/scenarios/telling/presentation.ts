/** The end of a run for a person: who got what and how, what it cost, and the verdict. Fits a terminal of 80 columns. */
import { stripVTControlCharacters, styleText } from 'node:util';
import Table from 'cli-table3';
import { formatRate } from '../../../infra/units/rate.ts';
import { DIRECT, isServed, type PairDelivery } from '../judging/delivery.ts';
import type { RunRecord } from '../judging/record.ts';
import type { Judgement, Verdict } from '../judging/verdict.ts';
import { CAMERA } from '../scenario.ts';

type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';
type Paint = (colour: Colour, text: string) => string;

const WIDTH = 80;
const BAR_CELLS = 20;
const INDENT = '  ';

/** The whole report. @param colours whether the reader's terminal shows them */
export function present(run: RunRecord, judgement: Judgement, colours: boolean): string {
  const paint: Paint = (colour, text) => (colours ? styleText(colour, text, { validateStream: false }) : text);
  const { verdict } = judgement;
  const heading = (text: string) => paint('bold', text);
  return [
    heading(`Scenario ${run.scenario.name}: ${run.scenario.title}`),
    '',
    heading(`Delivery over ${run.seconds} s, settled (row: ${rowsOf(verdict)}, column: receiver)`),
    matrix(verdict, run.present, paint),
    '',
    heading('Upload'),
    uploads(verdict, paint),
    '',
    heading('What must be seen'),
    ...seen(run, judgement, paint),
    '',
    conclusion(verdict, paint),
  ].join('\n');
}

/** Rows and columns without lines around them; cells may be coloured. */
function columns(rows: readonly (readonly string[])[]): string {
  const none = '';
  const table = new Table({
    chars: {
      ...{ top: none, 'top-mid': none, 'top-left': none, 'top-right': none, bottom: none, 'bottom-mid': none },
      ...{ 'bottom-left': none, 'bottom-right': none, left: INDENT, 'left-mid': none, mid: none, 'mid-mid': none },
      ...{ right: none, 'right-mid': none, middle: INDENT },
    },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function matrix({ pairs }: Verdict, ids: readonly string[], paint: Paint): string {
  const sorted = [...ids].sort();
  const hasStreams = showsStreams(pairs);
  const rows = sorted.flatMap((source) => {
    const streams = new Set(pairs.filter((pair) => pair.source === source).map(({ stream }) => stream));
    return [...(streams.size === 0 ? [CAMERA] : streams)].map((stream) => ({ source, stream }));
  });
  const draw = (cell: (pair: PairDelivery) => string) =>
    columns([
      ['', ...sorted.map((id) => paint('bold', id))],
      ...rows.map(({ source, stream }) => [
        paint('bold', hasStreams ? `${source} ${stream}` : source),
        ...sorted.map((receiver) => {
          const pair = pairs.find(
            (each) => each.source === source && each.stream === stream && each.receiver === receiver,
          );
          if (source === receiver) return paint('dim', '-');
          return pair === undefined ? paint('red', 'missing') : paint(colourOf(pair), cell(pair));
        }),
      ]),
    ]);
  const full = draw(longCell);
  const fits = full.split('\n').every((line) => stripVTControlCharacters(line).length <= WIDTH);
  return fits ? full : `${draw(shortCell)}\n${INDENT}${paint('dim', '* direct, else through whom; -N: packets lost')}`;
}

/** Where nobody shows more than a camera, a source stands for its stream. */
function showsStreams(pairs: Verdict['pairs']): boolean {
  return pairs.some(({ stream }) => stream !== CAMERA);
}

function rowsOf({ pairs }: Verdict): string {
  return showsStreams(pairs) ? 'stream' : 'source';
}

function colourOf(pair: PairDelivery): Colour {
  if (!isServed(pair)) return 'red';
  return pair.via.every((way) => way === DIRECT) ? 'green' : 'yellow';
}

function longCell(pair: PairDelivery): string {
  if (pair.received === 0) return 'missing';
  const relays = pair.via.filter((way) => way !== DIRECT);
  const ways = [
    ...(pair.via.includes(DIRECT) ? [DIRECT] : []),
    ...(relays.length > 0 ? [`via ${relays.join('+')}`] : []),
  ];
  return `${ways.join('+')}${flaws(pair)}`;
}

function shortCell(pair: PairDelivery): string {
  if (pair.received === 0) return '!';
  return `${pair.via.map((way) => (way === DIRECT ? '*' : way)).join('+')}${pair.lost > 0 ? `-${pair.lost}` : ''}`;
}

function flaws({ lost, duplicates }: PairDelivery): string {
  return `${lost > 0 ? `, ${lost} lost` : ''}${duplicates > 0 ? `, ${duplicates} twice` : ''}`;
}

function uploads({ peers, overCapacity }: Verdict, paint: Paint): string {
  return columns([
    ['', 'has', 'busiest second', '', '', 'roles'].map((text) => paint('dim', text)),
    ...peers.map(({ id, uploadBps, peakSendBps, compatible, roles }) => {
      const share = peakSendBps / uploadBps;
      const filled = Math.min(BAR_CELLS, Math.round(share * BAR_CELLS));
      const colour: Colour = overCapacity.includes(id) ? 'red' : 'green';
      const bar = `${paint(colour, '█'.repeat(filled))}${paint('dim', '░'.repeat(BAR_CELLS - filled))}`;
      const percent = paint(colour, `${Math.round(share * 100)} %`.padStart(5));
      const part = compatible ? roles.join(', ') || paint('dim', 'neither') : paint('dim', 'plain RTP');
      return [paint('bold', id), formatRate(uploadBps), formatRate(peakSendBps), bar, percent, part];
    }),
  ]);
}

function seen(run: RunRecord, { verdict, findings }: Judgement, paint: Paint): string[] {
  const served = verdict.pairs.filter(isServed).length;
  const packets = verdict.pairs.reduce((sum, { expected }) => sum + expected, 0);
  const over = verdict.overCapacity;
  const all = [
    ...findings,
    {
      met: served === verdict.pairs.length,
      text: `${served} of ${verdict.pairs.length} pairs without loss, ${packets} packets`,
    },
    {
      met: over.length === 0,
      text: over.length === 0 ? 'nobody sent more than it has' : `${over.join(', ')} sent more than it has`,
    },
    ...run.unsettled.map((text) => ({ met: false, text: `not settled in time: ${text}` })),
  ];
  return all.map(({ met, text }) => `${INDENT}${met ? paint('green', '✔') : paint('red', '✘')} ${text}`);
}

function conclusion({ ok, relayMs, gapMs }: Verdict, paint: Paint): string {
  const figures = [
    ...(relayMs.length > 0 ? [`from saturation to the first relayed packet: ${relayMs.join(', ')} ms`] : []),
    ...(gapMs === null ? [] : [`longest gap: ${gapMs} ms`]),
  ];
  const word = ok ? paint('green', paint('bold', 'OK')) : paint('red', paint('bold', 'FAILED'));
  return [`Verdict: ${word}`, ...figures].join('; ');
}
