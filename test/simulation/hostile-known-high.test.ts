/** Ten more hostile rooms, the same each time. */
import { testHostileRooms } from './hostile-rooms.ts';

testHostileRooms(100, 10);
