/** Until B is told that no way leads to A, and what those lost meanwhile who were there before. */
import type { Logged } from '../../../integration/peer-process.ts';
import { lookFor, type Outcome, type Play, timed } from '../play.ts';
import { lostSince } from './lost.ts';

export async function untilNamed(play: Play): Promise<Outcome> {
  const { room, b, others, before, joinedMs, signal } = play;
  const named = await lookFor(signal, async () => b.events.find(isCut));
  if (named === undefined) return timed(undefined);
  const lost = await lostSince(room, ['A', ...others], before, signal);
  if (lost === undefined) throw new Error('those who were there before send nothing');
  return timed(Date.parse(String(named.time)) - joinedMs, { 'packets lost between the others': lost });
}

const isCut = ({ event, other }: Logged) => event === 'pair.cut' && other === 'A';
