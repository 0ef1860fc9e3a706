/** Rooms in which the server, members and whoever is on the way forge, replay, cut and swap what is said and sent, the same each time. */

import { drawn } from '../extent.ts';
import { testHostileRooms } from './hostile/hostile-rooms.ts';

testHostileRooms(1, drawn(3, 6), 'forgers');
// A picture stayed away while its owner waited to be given back what it had lent, though all had room at a little less.
testHostileRooms(842, 1, 'forgers');
