/** The same two hundred hostile rooms each time: what worked goes on working. */
import { testHostileRooms } from './hostile-rooms.ts';

testHostileRooms(0, 200);
