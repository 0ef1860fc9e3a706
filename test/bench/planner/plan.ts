/** The command `npm run bench:plan`: how long one peer takes to plan its own part, and how that grows with the room. */
import Table from 'cli-table3';
import { type PlanInput, planOwn, planRoom } from '../../../machines/plan.ts';
import { fixedRoom, homeRoom, peerId, seededRandom, VOICE, voicedRoom } from '../../planning/rooms.ts';

const SIZES = [10, 30, 100, 300, 1000];
const ROOMS_OF_EACH = 15;
/** Rounds in which the engine compiles what it will run. */
const WARM_UP = 60;

interface Kind {
  readonly name: string;
  readonly room: (random: () => number, size: number) => PlanInput;
  /** Routes of the room before one peer joined are in force. */
  readonly joins: boolean;
}

const fixed = (random: () => number, size: number): PlanInput => {
  // A tenth of the peers carries the others: no upload is left idle, and none is short.
  const uploads = Array.from({ length: size }, (_, index) => (index % 10 === 0 ? 12 * size : 1.2 + random()));
  const peers = fixedRoom(uploads).peers.map((peer, index) => ({ ...peer, id: peerId(index) }));
  return { headroom: 0.95, peers };
};

/** A room of 1,000 homes has no upload for so many voices of 64 kbit/s. */
const SPEECH = { ...VOICE, minBps: 24_000, maxBps: 24_000 };
const voiced = (random: () => number, size: number): PlanInput => voicedRoom(random, size, SPEECH);

const KINDS: readonly Kind[] = [
  { name: 'rates free', room: homeRoom, joins: false },
  { name: 'rates free, a peer joins', room: homeRoom, joins: true },
  { name: 'camera and voice', room: voiced, joins: false },
  { name: 'camera and voice, a peer joins', room: voiced, joins: true },
  { name: 'rates fixed', room: fixed, joins: false },
  { name: 'rates fixed, a peer joins', room: fixed, joins: true },
];

function medianMs(kind: Kind, size: number): number {
  const random = seededRandom(size);
  for (let round = 0; round < WARM_UP; round += 1) planOwn(kind.room(random, 30), peerId(1));
  const times = Array.from({ length: ROOMS_OF_EACH }, () => {
    const room = kind.room(random, size);
    const input = kind.joins ? { ...room, inForce: planRoom({ ...room, peers: room.peers.slice(1) }).routes } : room;
    // CPU time: what else runs on the machine does not count.
    const start = process.cpuUsage();
    planOwn(input, peerId(1));
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

const table = new Table({
  head: ['room', ...SIZES.map((size) => `N=${size}, ms`), 'growth 100 to 1000'],
  style: { head: [], border: [] },
});
for (const kind of KINDS) {
  const medians = new Map(SIZES.map((size) => [size, medianMs(kind, size)]));
  // The exponent e of time ~ N^e.
  const growth = Math.log10((medians.get(1000) ?? 0) / (medians.get(100) ?? 1));
  table.push([kind.name, ...[...medians.values()].map((ms) => ms.toFixed(2)), `N^${growth.toFixed(2)}`]);
}
process.stdout.write(
  `One peer's own part of the plan, CPU time, median of ${ROOMS_OF_EACH} rooms\n${table.toString()}\n`,
);
