/** Two hostile rooms that nobody has seen; their seeds are in the titles. */
import { randomInt } from 'node:crypto';
import { isMeasured } from './hostile/hostile-draw.ts';
import { testHostileRooms } from './hostile/hostile-rooms.ts';

/** Far from the seeds that the long command runs by default. */
const LEAST_SEED = 1_000_000;
const MOST_SEED = 1_000_000_000;

const seed = randomInt(LEAST_SEED, MOST_SEED);
// Those whose uplinks are measured take too long for a test.
const isEitherMeasured = isMeasured(seed) || isMeasured(seed + 1);
testHostileRooms(isEitherMeasured ? seed + 2 : seed, 2);
