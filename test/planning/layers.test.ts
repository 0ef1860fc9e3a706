/** Who receives which layer of a group: the best that its want, its download and the room's upload allow, and one at most. */
import test from 'ava';
import { type Plan, type PlanInput, type PlanPeer, planRoom } from '../../machines/plan.ts';
import { faultsOf, pathsOf } from './audit.ts';
import { camera, MBIT } from './rooms.ts';

const RATES = [150_000, 600_000, 2_600_000];
const LAYERS = RATES.map((bps, layer) => ({ ...camera(bps), name: `camera${layer}`, group: 'camera', layer }));

/** A with layers and so much upload, and so many receivers of nothing else. */
function roomOf(mbit: number, receivers: readonly Partial<PlanPeer>[]): PlanInput {
  const watchers = receivers.map((peer, index): PlanPeer => ({ id: `r${index}`, uploadBps: 0, ...peer }));
  return { headroom: 1, peers: [{ id: 'A', uploadBps: mbit * MBIT, streams: LAYERS }, ...watchers] };
}

/** By receiver, of A's camera. */
function layersIn({ routes }: Plan): Record<string, string> {
  return Object.fromEntries(routes.flatMap(({ stream, receivers }) => receivers.map((receiver) => [receiver, stream])));
}

function planned(room: PlanInput): Plan {
  const plan = planRoom(room);
  if (faultsOf(room, plan).length > 0) throw new Error(faultsOf(room, plan).join('\n'));
  return plan;
}

test('upload in plenty: everybody gets the best, and the others are not sent', (t) => {
  const plan = planned(roomOf(9, [{}, {}, {}]));
  t.deepEqual(layersIn(plan), { r0: 'camera2', r1: 'camera2', r2: 'camera2' });
  t.deepEqual(plan.rates, { 'A/camera0': 0, 'A/camera1': 0, 'A/camera2': 2_600_000 });
});

test('a want and a download choose a lower layer for their receiver alone', (t) => {
  const wants = (stream: string | undefined, maxBps: number) => [
    { source: 'A', maxBps, ...(stream !== undefined && { stream }) },
  ];
  const plan = planned(
    roomOf(12, [{}, { wants: wants('camera', MBIT) }, { downloadBps: 700_000 }, { wants: wants(undefined, 200_000) }]),
  );
  t.deepEqual(layersIn(plan), { r0: 'camera2', r1: 'camera1', r2: 'camera1', r3: 'camera0' });
});

test('a want for any layer is one for the group', (t) => {
  t.deepEqual(layersIn(planned(roomOf(9, [{ wants: [{ source: 'A', stream: 'camera0' }] }]))), { r0: 'camera2' });
});

test('upload for some: as many as can be have the better layer, the others the one below', (t) => {
  // 2.6 + 2 x 0.6 Mbit/s fit into 4; a second one of 2.6 does not.
  const plan = planned(roomOf(4, [{}, {}, {}]));
  t.deepEqual(Object.values(layersIn(plan)).sort(), ['camera1', 'camera1', 'camera2']);
  t.deepEqual(plan.unserved, []);
});

test('one receiver that moves to another layer moves nobody else', (t) => {
  const capped = { wants: [{ source: 'A', maxBps: MBIT }] };
  for (const mbit of [4, 7, 20]) {
    const watchers = [{}, {}, {}, {}];
    const before = planned(roomOf(mbit, watchers));
    const moved = { ...roomOf(mbit, [{}, capped, {}, {}]), inForce: before.routes };
    const after = planned(moved);
    const back = planned({ ...roomOf(mbit, watchers), inForce: after.routes });
    for (const id of ['r0', 'r2', 'r3']) {
      const rank = (plan: Plan): number => LAYERS.findIndex(({ name }) => name === layersIn(plan)[id]);
      t.true(rank(after) >= rank(before), `${id} at ${mbit} Mbit/s`);
      t.true(rank(back) >= rank(before), `${id} at ${mbit} Mbit/s, back again`);
    }
    if (mbit === 20) {
      const others = (plan: Plan) => [...pathsOf(plan.routes)].filter(([key]) => !key.includes(' r1 ')).sort();
      t.deepEqual(others(after), others(before));
      t.deepEqual(layersIn(back), layersIn(before));
    }
  }
});

test('planning again around its own routes changes nothing', (t) => {
  for (const mbit of [1, 3, 4, 7, 20]) {
    const room = roomOf(mbit, [{}, { uploadBps: 3 * MBIT }, {}, { uploadBps: MBIT }]);
    const { routes } = planned(room);
    t.deepEqual(planned({ ...room, inForce: routes }).routes, routes, `${mbit} Mbit/s`);
  }
});

test('a relay passes on a layer that it receives itself', (t) => {
  // A can send its best layer once; r0 has the upload for the three others.
  const plan = planned(roomOf(2.7, [{ uploadBps: 9 * MBIT }, {}, {}, {}]));
  t.deepEqual(layersIn(plan), { r1: 'camera2', r2: 'camera2', r3: 'camera2' });
  t.deepEqual([...new Set(plan.routes.map(({ relay }) => relay))], ['r0']);
});

test('who gets no layer is named once, by the lowest', (t) => {
  const { unserved } = planned(roomOf(0.2, [{}, {}]));
  t.deepEqual(
    unserved.map(({ stream }) => stream),
    ['camera0'],
  );
});
