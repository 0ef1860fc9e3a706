/**
 * The command `rpr uplink`: what the line of this machine carries upwards, measured against another machine in a room, and what that
 * means for `--upload` and `--lend`; with `--serve` the other end of that.
 *
 * Exit codes: 0 measured, or served until Ctrl-C, 1 could not be measured, 2 wrong usage; 130 and the like after a Ctrl-C before the end.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { NatsError } from '../infra/nats/errors.ts';
import { PathError } from '../infra/path/errors.ts';
import { ProgramMissingError } from '../infra/setup/program.ts';
import { formatRate } from '../infra/units/rate.ts';
import { othersOf } from '../machines/view.ts';
import { Call } from './call/call.ts';
import { RefusedError } from './call/refused-error.ts';
import { Journal } from './journal/journal.ts';
import { Leaving } from './leaving.ts';
import { UsageError } from './options/options.ts';
import { parseUplinkOptions, type UplinkOptions } from './options/uplink.ts';
import { adviceOf, reportText } from './uplink-report/advice.ts';
import { agreedMembers } from './uplink-report/agreed.ts';
import { MeasuringError, nobodyError, unansweredError } from './uplink-report/errors.ts';
import { Measuring, type Reading, type Stage } from './uplink-report/measuring.ts';

const EXIT_FAILED = 1;
/** How often it is looked how far it is, in ms. */
const LOOK_MS = 250;
/** How long handing over nothing and saying bye may take, in ms. */
const LEAVE_MS = 2000;

async function main(): Promise<number> {
  const parsed = parseUplinkOptions(process.argv.slice(2), process.env);
  if ('help' in parsed) {
    process.stdout.write(parsed.help);
    return 0;
  }
  const { options } = parsed;
  const leaving = new Leaving();
  const doors = { isLocked: false };
  const call = await Call.open(options.peer, journalOf(options, doors), say, leaving.asked);
  const refused = call.ended.then((end) => {
    if (end === 'refused') throw new RefusedError(call.refusal ?? 'taken', options.peer);
    return undefined;
  });
  try {
    await Promise.race([call.participant.joined, refused, aborted(leaving.asked)]);
    if (options.does === 'serve') await serve(options, call, leaving.asked);
    else {
      const reading = await Promise.race([measure(options, call, leaving.asked, doors), refused]);
      if (reading === undefined) return leaving.exitCode ?? EXIT_FAILED;
      print(reading, options);
    }
    return 0;
  } finally {
    refused.catch(() => undefined);
    call.leave();
    await Promise.race([call.ended.catch(() => undefined), delay(LEAVE_MS)]);
    await call.close();
  }
}

async function serve({ peer, json }: UplinkOptions, call: Call, asked: AbortSignal): Promise<void> {
  const { room, id, downloadBps } = peer;
  if (json) process.stdout.write(`${JSON.stringify({ event: 'uplink.served', room, id, acceptBps: downloadBps })}\n`);
  else
    say(
      `${id} takes up to ${formatRate(downloadBps ?? 0)} in room ${room}. Elsewhere: npm run uplink -- --room ${room}. Ctrl-C ends.`,
    );
  const known = new Set<string>();
  call.onView((view) => {
    for (const { id: other } of othersOf(view)) {
      if (!known.has(other) && !json) say(`${other} is in the room, and may measure`);
      known.add(other);
    }
  });
  await aborted(asked);
}

/** @returns undefined: it was asked to end before */
async function measure(
  options: UplinkOptions & { readonly does: 'measure' },
  { participant }: Call,
  asked: AbortSignal,
  doors: { readonly isLocked: boolean },
): Promise<Reading | undefined> {
  const { room, probes = { with: null, upToBps: 0 } } = options.peer;
  const measuring = new Measuring();
  let told = '';
  while (!asked.aborted) {
    const { view, uplink } = participant;
    if (view !== undefined && uplink !== null) {
      const members = othersOf(view).map(({ id }) => id);
      const agreed = agreedMembers(view, probes).map(({ id }) => id);
      const stage = measuring.observe({ members, agreed, state: uplink.state }, performance.now());
      if (stage.is === 'done') return stage.reading;
      if (stage.is === 'nobody') throw nobodyError(stage.members, room, options.with, doors.isLocked);
      if (stage.is === 'unanswered') throw unansweredError(stage);
      const text = progressText(stage, room);
      if (text !== told) say(text);
      told = text;
    }
    await delay(LOOK_MS, undefined, { signal: asked }).catch(() => undefined);
  }
  return undefined;
}

function progressText(stage: Extract<Stage, { is: 'waiting' | 'reaching' | 'measuring' }>, room: string): string {
  switch (stage.is) {
    case 'waiting':
      return `waiting in room ${room} for somebody who serves…`;
    case 'reaching':
      return `asking ${stage.agreed.join(', ')} for what comes there…`;
    case 'measuring':
      return `measuring: ${formatRate(stage.lineBps)}…`;
  }
}

function print(reading: Reading, { peer, json }: UplinkOptions): void {
  const { agreed, lineBps, limitedBy, tookMs } = reading;
  const told = { room: peer.room, with: agreed, lineBps: Math.round(lineBps), limitedBy, tookMs: Math.round(tookMs) };
  process.stdout.write(
    `${json ? JSON.stringify({ ...told, ...adviceOf(reading) }) : reportText(reading, peer.room)}\n`,
  );
}

/** What a measurement tells of a call is its own: the journal only says who has another key. */
function journalOf({ peer }: UplinkOptions, doors: { isLocked: boolean }): Journal {
  const write = (line: string) => {
    if ((JSON.parse(line) as { event?: string }).event === 'door.other') doors.isLocked = true;
  };
  return new Journal({ peer: peer.id, lines: { write }, now: () => performance.now() });
}

function aborted(asked: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (asked.aborted) resolve();
    asked.addEventListener('abort', () => resolve());
  });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** What a person can mend is one line; anything else is a defect of ours and keeps its stack. */
function complain(error: unknown): number {
  const isKnown =
    error instanceof UsageError ||
    error instanceof NatsError ||
    error instanceof PathError ||
    error instanceof ProgramMissingError ||
    error instanceof RefusedError ||
    error instanceof MeasuringError;
  if (!isKnown) throw error;
  say(`${error.code}: ${error.message}`);
  return error instanceof UsageError ? error.exitCode : EXIT_FAILED;
}

// A socket that ended badly must not keep the process.
process.exit(await main().catch(complain));
