/** Hostile rooms in which something was wrong once, one of each kind. */
import { testHostileRooms } from './hostile/hostile-rooms.ts';

/** Whoever stood still for seconds found copies in its socket, and took them for a stream that had begun anew. */
testHostileRooms(1476, 1);

/** The older of two processes was judged as a member though another was in its place: cut off, and alone after the other's crash. */
testHostileRooms(291, 1);

/** A voice was judged before those who were away from the bus could know whom to send it to. */
testHostileRooms(1172, 1);

/** The answer to an amendment came too late, and was taken for nothing: the relay waited to see it in a profile, in vain. */
testHostileRooms(3240, 1);

/** Packets that waited for their turn, and a few that were lost, were taken for withheld: of four relays none was left. */
testHostileRooms(947_331_851, 1);
