/** From B's join until media has come both ways, and how many streams go over the TURN server once the room is at rest. */
import { copiesThatCome, turnStreams } from '../../../network/rooms/turn-streams.ts';
import { lookFor, type Outcome, type Play, timed, untilMedia } from '../play.ts';

/** Longer than a peer plays a hundred packets: by then old ways are out of what it tells. */
const AT_REST_MS = 4_000;
const PATIENCE_MS = 20_000;

export async function streamsOverTurn(play: Play): Promise<Outcome> {
  const ms = await untilMedia(play);
  if (ms === undefined) return timed(undefined);
  const peers = ['A', 'B', ...play.others];
  let [seen, sinceMs] = ['', performance.now()];
  const count = await lookFor(
    play.signal,
    async () => {
      const snapshot = await play.room.ask(peers);
      const streams = turnStreams(snapshot);
      const isWhole = copiesThatCome(snapshot) === peers.length * (peers.length - 1);
      const now = streams.sort().join();
      if (now !== seen || !isWhole) [seen, sinceMs] = [now, performance.now()];
      return performance.now() - sinceMs >= AT_REST_MS ? streams.length : undefined;
    },
    PATIENCE_MS,
  );
  return count === undefined ? timed(undefined) : timed(ms, { 'streams over TURN': count });
}
