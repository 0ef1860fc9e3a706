/** Tests of hostile rooms, a few seeds each and one after the other, so that it shows how far they are. */
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { drawOf, type RoomKind, replayOf, simulateSeed } from './hostile-draw.ts';

/** Some eight seconds' work: well within AVA's patience without news. */
const SEEDS_A_TEST = 10;

/** Nothing is violated in these rooms. Where it is, the message is the command that plays that room. */
export function testHostileRooms(first: number, count: number, kind: RoomKind = 'hostile'): void {
  for (let from = first; from < first + count; from += SEEDS_A_TEST) {
    const until = Math.min(from + SEEDS_A_TEST, first + count);
    const which =
      count === 1
        ? `the room '${kind}' of the seed ${from} settles`
        : `rooms '${kind}' of the seeds ${from} to ${until - 1} settle`;
    test.serial(`${which}, and nothing is violated`, async (t) => {
      for (let seed = from; seed < until; seed++) {
        t.deepEqual(simulateSeed(kind, seed).violations, [], replayOf(drawOf(kind, seed)));
        await setImmediate();
      }
    });
  }
}
