/** The live table as text: pure, from a snapshot and the size of the terminal. */
import Table from 'cli-table3';
import { formatRate } from '../../infra/units/rate.ts';
import type { PlainListener } from '../../machines/in-the-clear.ts';
import type { Limit } from '../../machines/uplink/contract.ts';
import { dropsText } from '../delivery/drops.ts';
import { harmless } from '../journal/harmless.ts';
import type { PlayerReport, ReceiverReport } from '../media/reports/receiver-reports.ts';
import { briefWayText, wayText, whyText } from './pair-way.ts';
import type { TerminalSize } from './screen.ts';
import type { CallStatus, MemberStatus, StreamRate, StreamWays, TrustStatus, Way } from './snapshot.ts';

interface Column {
  readonly title: string;
  readonly cell: (member: MemberStatus) => string;
  /** The same in fewer letters, where not all columns fit. */
  readonly brief?: (member: MemberStatus) => string;
  /** A terminal too narrow for all columns loses those with the highest number first. */
  readonly rank: number;
  readonly align?: 'right';
  /** Left out where it has nothing to say of anybody: few players report. */
  readonly isRare?: true;
}

/** Of which there is nothing to say. */
const NOTHING = '–';

const COLUMNS: readonly Column[] = [
  { title: 'peer', rank: 0, cell: calledText, brief: ({ id }) => id },
  { title: 'state', rank: 8, cell: stateText },
  {
    title: 'pair',
    rank: 6,
    cell: ({ way }) => (way === null ? NOTHING : wayText(way)),
    brief: ({ way }) => (way === null ? NOTHING : briefWayText(way)),
  },
  { title: 'from it', rank: 1, cell: ({ from }) => streamsText(from) },
  { title: 'in', rank: 3, cell: ({ inBps }) => rateText(inBps), align: 'right' },
  { title: 'loss', rank: 4, cell: ({ loss }) => lossText(loss), align: 'right' },
  { title: 'to it', rank: 2, cell: ({ to }) => streamsText(to) },
  { title: 'out', rank: 5, cell: ({ outBps }) => rateText(outBps), align: 'right' },
  { title: 'it loses', rank: 9, cell: reported(({ loss }) => lossText(loss)), align: 'right' },
  { title: 'rtt ms', rank: 10, cell: reported(({ roundTripMs }) => msText(roundTripMs)), align: 'right' },
  { title: 'jitter ms', rank: 11, cell: reported(({ jitterMs }) => msText(jitterMs)), align: 'right' },
  { title: 'player loses', rank: 12, cell: played(({ loss }) => lossText(loss)), align: 'right', isRare: true },
  { title: 'its jitter ms', rank: 13, cell: played(({ jitterMs }) => msText(jitterMs)), align: 'right', isRare: true },
  { title: 'lent', rank: 7, cell: ({ lentBps }) => rateText(lentBps), align: 'right' },
];

/** Beside its content, each cell has a space on both sides and a border on its left; the last one has one on its right. */
const CELL_EXTRA = 3;
const TABLE_EXTRA = 1;
/** The table's head and three borders. */
const FRAME_HEIGHT = 4;
/** Below this many lines or letters a frame takes more room than what stands in it. */
const LEAST_FRAMED = { width: 24, height: 10 };
/** Events get at least this many lines, and no more than twice as many, as far as there are any. */
const LEAST_EVENT_LINES = 3;
const BAR_WIDTH = 20;
/** An encoder's rate is a mean: this far from the one asked for, it still follows. */
const RATE_TOLERANCE = 0.1;

/** A second is measured a little longer or shorter than it is: so much above the limit, as a share, is not over it. */
const OVER_TOLERANCE = 0.02;

/** The screen: a summary of the peer, one row for each member, and the newest events. No line is wider than the terminal. */
export function renderTable(status: CallStatus, { width, height }: TerminalSize): string {
  if (width < LEAST_FRAMED.width || height < LEAST_FRAMED.height) return renderSmall(status, { width, height });
  const eventLines = Math.min(status.lines.length, LEAST_EVENT_LINES);
  const head = summary(status);
  const room = Math.max(1, height - head.length - FRAME_HEIGHT - eventLines - 1);
  const lines = [...head, ...membersTable(status.members, width, room)];
  const left = Math.min(2 * LEAST_EVENT_LINES, height - lines.length - 1);
  const events = left > 0 ? status.lines.slice(-left) : [];
  return [...lines, ...events].map((line) => cut(line, width)).join('\n');
}

/** The same in as little room as there is: who we are, a line a member, and the newest event. */
function renderSmall({ id, room, state, members, lines }: CallStatus, { width, height }: TerminalSize): string {
  const events = height < 3 ? [] : lines.slice(-1);
  const left = Math.max(0, height - 1 - events.length);
  const shown = members.length > left ? members.slice(0, Math.max(0, left - 1)) : members;
  const more = members.length - shown.length;
  const all = [
    `${id} in ${room} ${state}`,
    ...shown.map(
      (member) => `${member.id} ${stateText(member)} ↓${rateText(member.inBps)} ↑${rateText(member.outBps)}`,
    ),
    ...(more === 0 || left === 0 ? [] : [`… and ${more} more`]),
    ...events,
  ];
  return all.map((line) => cut(line, width)).join('\n');
}

function summary(status: CallStatus): string[] {
  const { room, state, busConnected, trust, packetPath, usableBps, sendBps, lendBps, promisedBps } = status;
  const bus = busConnected ? [] : ['no NATS: media goes on'];
  const used = `${bar(sendBps / usableBps)} ${formatRate(sendBps)} of ${formatRate(usableBps)}`;
  const isOver = sendBps > usableBps * (1 + OVER_TOLERANCE);
  const over = isOver ? `, OVER by ${formatRate(sendBps - usableBps)}` : '';
  const dropped = dropsText(status.drops);
  const lent = lendBps === 0 ? 'nothing' : `${formatRate(promisedBps)} of ${formatRate(lendBps)}`;
  return [
    [
      `${calledText(status)} in ${room}`,
      state,
      trust.isOpen ? 'door open' : 'door closed',
      `packets by ${packetPath}`,
      ...bus,
    ].join(' · '),
    `upload ${used}${over} (${uplinkText(status)})`,
    ...downlinkLine(status),
    `shows  ${ratesText(status.streams)} · lends ${lent}`,
    ...(dropped === '' ? [] : [`dropped ${dropped}`]),
    ...trustLines(trust),
    ...status.plain.flatMap((listener) => plainLine(status.id, listener)),
  ];
}

/** Who is not to be believed. */
function trustLines({ unsigned, refused, forgeries }: TrustStatus): string[] {
  return [
    ...forgeries.map(
      ({ owner, via, packets }) =>
        `FORGED: ${packets} packets that ${owner} has not sent, ${via === owner ? 'as from its address' : `through ${via}`}`,
    ),
    ...refused.map(({ id, fingerprint }) => `${id} NOT HEARD: another key (${fingerprint}); if right: rpr trust ${id}`),
    ...(unsigned.length === 0 ? [] : [`by no key: ${unsigned.join(', ')}: anybody may speak for them`]),
  ];
}

/** Who listens in the clear, and who does not let them. */
function plainLine(self: string, { id, hears, refusedBy }: PlainListener): string[] {
  if (hears.length + refusedBy.length === 0) return [];
  const called = (peers: readonly string[]) => peers.map((peer) => (peer === self ? 'you' : peer)).join(', ');
  const listens = hears.length === 0 ? 'would listen' : id === self ? 'listen' : 'listens';
  const parts = [
    ...(hears.length === 0 ? [] : [`to ${called(hears)}`]),
    ...(refusedBy.length === 0 ? [] : [`refused by ${called(refusedBy)}`]),
  ];
  return [`${called([id])} ${listens} in the clear: ${parts.join('; ')}`];
}

/** Why no more of a measured uplink is used. */
const LIMITS: Readonly<Record<Limit, string>> = {
  unmeasured: 'not known yet',
  plan: 'the room wants no more',
  cap: '--upload allows no more',
  line: 'the line carries no more',
  foreign: 'another program uses it too',
  silence: 'nobody tells what arrives',
};

function uplinkText({ uploadBps, measured }: CallStatus): string {
  if (measured === null) return `uplink ${formatRate(uploadBps)}`;
  const { lineBps, pastBps, limitedBy, overratedBps } = measured;
  const past = pastBps.length < 2 ? '' : ` ${barsOf(pastBps)}`;
  const over = overratedBps === null ? '' : `, less than --upload ${formatRate(overratedBps)}`;
  return `uplink measured: ${lineBps === null ? '' : `${formatRate(lineBps)}${past}, `}${LIMITS[limitedBy]}${over}`;
}

/** Said where it is full alone: most lines carry towards a person more than a call brings. */
function downlinkLine({ downlink }: CallStatus): string[] {
  if (downlink === null) return [];
  const { lineBps, askedBps } = downlink;
  return [`downlink measured: ${formatRate(lineBps)}, full: others are asked for ${formatRate(askedBps)} at most`];
}

const BARS = [...'▁▂▃▄▅▆▇█'];

/** The highest is a whole one, nothing the lowest. */
function barsOf(values: readonly number[]): string {
  const most = Math.max(...values);
  return values.map((value) => BARS[Math.round(((BARS.length - 1) * value) / most)] ?? BARS[0]).join('');
}

/** Of a single stream the rate says enough. */
function ratesText(streams: readonly StreamRate[]): string {
  const [only, ...others] = streams;
  if (only === undefined) return 'nothing';
  if (others.length === 0) return rateOf(only);
  return streams.map((stream) => `${stream.stream} ${rateOf(stream)}`).join('; ');
}

function rateOf({ sendsBps, shouldBps, stopped }: StreamRate): string {
  if (stopped) return 'nothing, its program has stopped';
  if (shouldBps === 0) return `${sendsBps === 0 ? '' : `${formatRate(sendsBps)}, `}to nobody`;
  const overBps = sendsBps - shouldBps;
  if (Math.abs(overBps) <= shouldBps * RATE_TOLERANCE) return formatRate(sendsBps);
  if (sendsBps === 0) return `nothing, should be ${formatRate(shouldBps)}`;
  if (overBps < 0) return `${formatRate(sendsBps)}, should be ${formatRate(shouldBps)}`;
  return `${formatRate(sendsBps)}, OVER by ${formatRate(overBps)}: lower the encoder to ${formatRate(shouldBps)}`;
}

function bar(share: number): string {
  const full = Math.round(BAR_WIDTH * Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)));
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}

function membersTable(members: readonly MemberStatus[], width: number, room: number): string[] {
  if (members.length === 0) return ['nobody else is here yet'];
  const shown = members.length > room ? members.slice(0, Math.max(1, room - 1)) : members;
  const columns = columnsFor(shown, width);
  const reasons = columns.some(({ brief }) => brief !== undefined) ? [] : reasonsOf(shown);
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    // Rows of one line each, and no colours of the library's choice.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
  });
  table.push(...shown.map((member) => columns.map(({ cell }) => cell(member))));
  const more = members.length - shown.length;
  const below = [
    ...(more === 0 ? [] : [`… and ${more} more`]),
    ...reasons.slice(0, Math.max(0, room - members.length)),
  ];
  return [...table.toString().split('\n'), ...below];
}

/** Who is not reached, and why: where the table has no room for it. */
function reasonsOf(members: readonly MemberStatus[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { id, way } of members) {
    const why = way && whyText(way);
    if (why) byReason.set(why, [...(byReason.get(why) ?? []), id]);
  }
  return [...byReason].map(([why, ids]) => `${ids.join(', ')}: ${why}`);
}

/** As many columns as fit: in full, else in brief, and of these the least important ones left out. */
function columnsFor(members: readonly MemberStatus[], width: number): Column[] {
  const all = COLUMNS.filter(({ isRare, cell }) => !isRare || members.some((one) => cell(one) !== NOTHING));
  if (tableWidth(all, members) <= width) return all;
  let columns: Column[] = all.map(({ brief, ...column }) => ({ ...column, cell: brief ?? column.cell }));
  while (columns.length > 1 && tableWidth(columns, members) > width) {
    const last = Math.max(...columns.map(({ rank }) => rank));
    columns = columns.filter(({ rank }) => rank !== last);
  }
  return columns;
}

function tableWidth(columns: readonly Column[], members: readonly MemberStatus[]): number {
  const widths = columns.map(({ title, cell }) => Math.max(title.length, ...members.map((one) => cell(one).length)));
  return widths.reduce((sum, width) => sum + width + CELL_EXTRA, TABLE_EXTRA);
}

/** A name as long as that of most people. */
const MOST_NAME = 24;

/** `B (Berta)`: anybody may take any name, so the id always stands there. */
function calledText({ id, name }: Pick<MemberStatus, 'id' | 'name'>): string {
  return name === '' || name === id ? id : `${id} (${cut(harmless(name), MOST_NAME)})`;
}

const STATES: Readonly<Record<MemberStatus['state'], string>> = {
  live: 'live',
  connecting: 'connecting',
  unheard: 'no packets',
  missing: 'no media',
  unreached: 'not reached',
  lossy: 'lossy',
  silent: 'silent',
  leaving: 'leaving',
};

function stateText({ state, compatible }: MemberStatus): string {
  return compatible || state !== 'live' ? STATES[state] : 'plain RTP';
}

/** Where all streams that go at all go the same way, that way; else each by its name: `camera via B; voice direct`. */
function streamsText(streams: readonly StreamWays[]): string {
  return byStream(streams.filter(({ ways }) => ways.length > 0).map(({ stream, ways }) => [stream, waysText(ways)]));
}

/** What a member says of each of our streams. */
function reported(text: (report: ReceiverReport) => string): (member: MemberStatus) => string {
  return ({ reports }) => byStream(reports.map((report) => [report.stream, text(report)]));
}

/** What players say of each of a member's streams. */
function played(text: (report: PlayerReport) => string): (member: MemberStatus) => string {
  return ({ playerReports }) => byStream(playerReports.map((report) => [report.stream, text(report)]));
}

/** What is the same of all streams once, else by their names. */
function byStream(told: readonly (readonly [stream: string, text: string])[]): string {
  if (new Set(told.map(([, text]) => text)).size <= 1) return told[0]?.[1] ?? NOTHING;
  return told.map(([stream, text]) => `${stream} ${text}`).join('; ');
}

/** `direct`, `via B`, or for a split stream `direct 12/16, B 4/16`. */
function waysText(ways: readonly Way[]): string {
  const [first, ...others] = ways;
  if (first === undefined) return NOTHING;
  if (others.length === 0) return first.relay === null ? 'direct' : `via ${first.relay}`;
  return ways.map(({ relay, slices }) => `${relay ?? 'direct'} ${slices}/16`).join(', ');
}

/** `1.01M`, `800k`: the column says of what. */
function rateText(bps: number): string {
  return bps === 0 ? NOTHING : formatRate(bps).replace(/ ([kMG]?)bit\/s$/, '$1');
}

function lossText(loss: number | null): string {
  if (loss === null) return NOTHING;
  const percent = loss * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

function msText(ms: number | null): string {
  return ms === null ? NOTHING : ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
