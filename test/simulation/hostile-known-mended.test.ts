/** Hostile rooms in which something was wrong once, one of each kind; the first of them in `npm test`. */
import { drawn } from '../extent.ts';
import { testHostileRooms } from './hostile/hostile-rooms.ts';

interface Mended {
  readonly seed: number;
  readonly what: string;
}

const MENDED: readonly Mended[] = [
  {
    seed: 3240,
    what: 'the answer to an amendment came too late, and was taken for nothing: the relay waited to see it in a profile, in vain',
  },
  {
    seed: 1476,
    what: 'whoever stood still for seconds found copies in its socket, and took them for a stream that had begun anew',
  },
  {
    seed: 947_331_851,
    what: 'packets that waited for their turn, and a few that were lost, were taken for withheld: of four relays none was left',
  },
  {
    seed: 291,
    what: "the older of two processes was judged as a member though another was in its place: cut off, and alone after the other's crash",
  },
  { seed: 1172, what: 'a voice was judged before those who were away from the bus could know whom to send it to' },
];

for (const { seed } of MENDED.slice(0, drawn(1, MENDED.length))) testHostileRooms(seed, 1);
