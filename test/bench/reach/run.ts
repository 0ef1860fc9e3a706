/** One run of a case: processes that wait in their places, B joins, and it is seen how soon what is to come does. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerId } from '../../../machines/messages.ts';
import { LabRoom } from '../../network/rooms/lab-room.ts';
import type { Measured, ReachCase } from './cases.ts';
import { untilSendingStops } from './measures/consent.ts';
import { gapOfMove } from './measures/gap.ts';
import { untilNamed } from './measures/named.ts';
import { lossAfterSilence } from './measures/silence.ts';
import { checksOfStranger } from './measures/stranger.ts';
import { streamsOverTurn } from './measures/turn.ts';
import { mediumOf } from './medium.ts';
import { type Outcome, type Play, type Run, timed, untilMedia } from './play.ts';
import type { Seats } from './seats.ts';

/** Those who are there already have been for so long: they know their own addresses by then. In ms. */
const SETTLED_MS = 2_000;

/** @param signal ends the run early, with its reason */
export async function runOnce(reachCase: ReachCase, seats: Seats, signal: AbortSignal): Promise<Run> {
  await using room = await LabRoom.open(seats.nats, { signal });
  const start = (id: PeerId, host: Seats['a']) => room.start(id, host, ...seats.argsOf(id));
  // Of two that meet, who started last is the newcomer: as in a call, that is B. A newcomer does best whose checks the others await;
  // whoever lies is to do its worst.
  const early = reachCase.measured === 'stranger' ? await start('B', seats.b) : undefined;
  const [a] = await Promise.all([start('A', seats.a), ...[...seats.others].map(([id, host]) => start(id, host))]);
  if (a === undefined) throw new Error('a case has two peers at least');
  const others = [...seats.others.keys()];
  for (const id of ['A', ...others]) room.join(id);
  const b = early ?? (await start('B', seats.b));
  await delay(SETTLED_MS, undefined, { signal });
  const before = await room.ask(['A', ...others]);
  const play = { room, seats, a, b, others, signal, before, joinedMs: room.join('B') + reachCase.conditions.delayMs };
  const outcome = await MEASURES[reachCase.measured](play);
  if (!outcome.came || reachCase.measured === 'named') return { ...outcome, medium: 'none' };
  return { ...outcome, medium: mediumOf(await room.ask(['A', 'B']), { A: a.events, B: b.events }, seats) };
}

const MEASURES: Readonly<Record<Measured, (play: Play) => Promise<Outcome>>> = {
  media: async (play) => timed(await untilMedia(play)),
  named: untilNamed,
  gap: gapOfMove,
  turn: streamsOverTurn,
  silence: lossAfterSilence,
  consent: untilSendingStops,
  stranger: checksOfStranger,
};
