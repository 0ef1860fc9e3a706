/** A room in which one member is reached over a TURN server only: it costs one copy of each stream, and no more. */
import { setTimeout as delay } from 'node:timers/promises';
import { Lab } from '../lab.ts';
import { LabRoom } from '../rooms/lab-room.ts';
import { copiesThatCome, turnStreams } from '../rooms/turn-streams.ts';
import { netTestWith } from './net-test.ts';

/** One way between two sites, in ms. */
const DELAY_MS = 20;
/** How often the peers are asked, in ms. */
const LOOK_MS = 200;
/** A room that looks the same so often in a row is settled: in the newest hundred packets an old way is forgotten by then. */
const STILL_LOOKS = 20;

const HOMES = ['A', 'B', 'C'];
const SYMMETRIC = 'D';
const ALL = [...HOMES, SYMMETRIC];

netTestWith('turnserver')(
  'one symmetric peer among four: all get all, with four streams over the server',
  async (t) => {
    await using lab = await Lab.start({ delayMs: DELAY_MS });
    await using room = await LabRoom.open(await lab.nats());
    const { ipv4, user, password } = await lab.turn();
    const turn = ['--turn', `turn:${ipv4.host}:${ipv4.port}?${user}&${password}`];
    for (const id of HOMES) await room.start(id, await (await lab.nat('port-restricted')).host(), ...turn);
    await room.start(SYMMETRIC, await (await lab.nat('symmetric')).host(), ...turn);
    for (const id of ALL) room.join(id);
    let [streams, still] = [[] as string[], 0];
    while (still < STILL_LOOKS) {
      await delay(LOOK_MS);
      const seen = await room.ask(ALL);
      const now = turnStreams(seen).sort();
      const isSame = copiesThatCome(seen) === ALL.length * (ALL.length - 1) && now.join() === streams.join();
      still = isSame ? still + 1 : 0;
      streams = now;
    }
    t.log(streams.join(', '));
    t.is(streams.length, ALL.length);
    for (const source of ALL) t.is(streams.filter((stream) => stream.startsWith(`${source}/`)).length, 1);
  },
);
