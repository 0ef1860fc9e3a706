/** A hostile room of five, the same each time: what worked goes on working. Larger ones are among those in which something was wrong once. */
import { testHostileRooms } from './hostile/hostile-rooms.ts';

testHostileRooms(0, 1);
