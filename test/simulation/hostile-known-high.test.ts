/** The other half of a hundred hostile rooms, the same each time. */
import { testHostileRooms } from './hostile-rooms.ts';

testHostileRooms(100, 50);
