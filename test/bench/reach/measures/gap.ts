/** The longest time without media between A and B, either way, after B's address has changed. */
import { ScenarioError } from '../../../scenarios/playing/errors.ts';
import { betweenThem, lookFor, type Outcome, type Play, timed, untilMedia } from '../play.ts';

/** A peer whose address has changed is back on the bus when its server has been given up: NATS takes its time. In ms. */
const MOVE_PATIENCE_MS = 60_000;
/** A gap that has not grown over so many looks is over. */
const STILL_LOOKS = 6;

export async function gapOfMove(play: Play): Promise<Outcome> {
  const { room, seats, signal } = play;
  if ((await untilMedia(play)) === undefined) return timed(undefined);
  const gapsSince = performance.timeOrigin + performance.now();
  await seats.moveB();
  let [longest, still] = [0, 0];
  const gap = await lookFor(
    signal,
    async () => {
      const answers = await room.ask(['A', 'B'], { gapsSince }).catch(unlessMute);
      if (answers === undefined) return undefined;
      const gaps = betweenThem(answers).map((reception) => reception?.longestGapMs ?? 0);
      const now = Math.max(...gaps);
      still = now > longest ? 0 : still + 1;
      longest = now;
      return still >= STILL_LOOKS ? longest : undefined;
    },
    MOVE_PATIENCE_MS,
  );
  return timed(gap);
}

/** Who has moved does not answer until it has found its server again. */
function unlessMute(error: unknown): undefined {
  if (!(error instanceof ScenarioError) || error.code !== 'peer.mute') throw error;
}
