/** A hostile room of five to eight, the same each time: what worked goes on working. Two files, for two cores. */
import { testHostileRooms } from './hostile/hostile-rooms.ts';

testHostileRooms(0, 1);
