/** A hostile room of nine to twelve, the same each time. */
import { testHostileRooms } from './hostile/hostile-rooms.ts';

testHostileRooms(100, 1);
