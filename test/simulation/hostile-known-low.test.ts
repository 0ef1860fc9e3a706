/** Ten hostile rooms, the same each time: what worked goes on working. Two files, for two cores. */
import { testHostileRooms } from './hostile-rooms.ts';

testHostileRooms(0, 10);
