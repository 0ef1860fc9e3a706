/** Two hostile rooms that nobody has seen; their seeds are in the titles. */
import { randomInt } from 'node:crypto';
import { testHostileRooms } from './hostile/hostile-rooms.ts';

/** Far from the seeds that the long command runs by default. */
const LEAST_SEED = 1_000_000;
const MOST_SEED = 1_000_000_000;

testHostileRooms(randomInt(LEAST_SEED, MOST_SEED), 2);
