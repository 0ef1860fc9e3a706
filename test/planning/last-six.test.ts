/** Large rooms where everybody looks at the same six: a join moves next to nothing, for there is upload enough between what runs. */
import test from 'ava';
import { type PlanInput, type PlanRoute, planRoom } from '../../machines/plan.ts';
import { drawn } from '../extent.ts';
import { movedBetween, pathsByStream } from './least-moves.ts';
import { camera, fixedRoom, homeRoom, MBIT, seededRandom, VOICE } from './rooms.ts';

const SIZE = 80;
const ROOMS = drawn(8, 20);
const SPEAKERS = 7;
/** Ways that a join may move, of all that there are. */
const MOST_MOVED = { onAverage: 0.01, inOneRoom: 0.03 };

/** Voice and camera each; the last one to come is no speaker. */
function meeting(random: () => number): PlanInput {
  const { headroom, peers } = homeRoom(random, SIZE);
  const speakers = new Set<string>();
  while (speakers.size < SPEAKERS) speakers.add(peers[Math.floor(random() * (SIZE - 1))]?.id ?? '');
  const streams = [VOICE, camera(0.1 * MBIT, 3.8 * MBIT)];
  const wantsOf = (id: string) => [...speakers].filter((speaker) => speaker !== id).slice(0, SPEAKERS - 1);
  return {
    headroom,
    peers: peers.map((peer) => ({ ...peer, streams, wants: wantsOf(peer.id).map((source) => ({ source })) })),
  };
}

test(`one more joins a meeting of ${SIZE}`, (t) => {
  const random = seededRandom(SIZE);
  let [allMoved, allWays] = [0, 0];
  for (let run = 0; run < ROOMS; run += 1) {
    const room = meeting(random);
    const { routes } = planRoom({ ...room, peers: room.peers.slice(0, -1) });
    const before = pathsByStream(routes);
    const plan = planRoom({ ...room, inForce: routes });
    const moved = movedBetween(before, pathsByStream(plan.routes));
    const ways = movedBetween(before, new Map());
    t.true(moved <= MOST_MOVED.inOneRoom * ways, `room ${run}: ${moved} of ${ways}`);
    t.true(plan.ratio >= 0.99, `room ${run}: ${plan.ratio} of the bound`);
    allMoved += moved;
    allWays += ways;
  }
  t.true(allMoved <= MOST_MOVED.onAverage * allWays, `${allMoved} of ${allWays} ways moved`);
});

test('who must find a new relay takes what is free now, not what another stream is about to leave', (t) => {
  const room = fixedRoom([4.5, 2.9, 1.6, 10.5]);
  const before = planRoom({ ...room, peers: room.peers.slice(0, -1) });
  const plan = planRoom({ ...room, inForce: before.routes });
  // Legs that run and legs that are planned, at the same time: nobody has to let go before another can begin.
  const forwarded = new Map<string, Set<string>>();
  for (const { source, relay, receivers, slices } of [...before.routes, ...plan.routes]) {
    if (relay === null) continue;
    const legs = forwarded.get(relay) ?? new Set<string>();
    forwarded.set(relay, legs);
    for (const receiver of receivers)
      for (let slice = 0; slice < 16; slice += 1) if ((slices >> slice) & 1) legs.add(`${source} ${receiver} ${slice}`);
  }
  for (const { id, uploadBps } of room.peers) {
    const own = plan.routes.filter(({ source }) => source === id);
    const sent = own.reduce((sum, route) => sum + copiesOf(route), 0) + (forwarded.get(id)?.size ?? 0);
    t.true((sent * MBIT) / 16 <= uploadBps * (1 + 1e-9), `${id} sends ${sent} sixteenths`);
  }
});

/** In sixteenths of the stream. */
function copiesOf({ relay, receivers, slices }: PlanRoute): number {
  const count = slices.toString(2).replaceAll('0', '').length;
  return count * (relay === null ? receivers.length : 1);
}
