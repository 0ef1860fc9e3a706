/** The other half of two hundred hostile rooms, the same each time. */
import { testHostileRooms } from './hostile-rooms.ts';

testHostileRooms(100, 100);
