/** Several streams a peer, audio first and whole, and what everybody wants of them. */
import test from 'ava';
import { type PlanPeer, type PlanWant, planOwn, planRoom } from '../../machines/plan.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { drawn } from '../extent.ts';
import { faultsOf } from './audit.ts';
import { camera, MBIT, seededRandom, VOICE, voicedRoom } from './rooms.ts';

const ROOMS = drawn(8, 20);
const SCREEN = { ...camera(0, 9 * MBIT), name: 'screen' };

test('audio reaches everybody whole over one path, in rooms that reach nearly all of the bound', (t) => {
  for (const size of [3, 5, 8, 12, 20]) {
    const random = seededRandom(900 + size);
    let shares = 0;
    for (let run = 0; run < ROOMS; run += 1) {
      const room = voicedRoom(random, size);
      const plan = planRoom(room);
      t.deepEqual(faultsOf(room, plan), []);
      t.deepEqual(plan.unserved, []);
      t.true(plan.routes.every(({ stream, slices }) => stream !== 'voice' || slices === ALL_SLICES));
      shares += plan.ratio / ROOMS;
    }
    t.true(shares >= 0.99, `rooms of ${size} reach ${shares}`);
  }
});

test('where there is too little for both, audio is served and video goes without', (t) => {
  // 3 x 2 voices of 64 kbit/s need all but a little of the 400 kbit/s.
  const peers = [133_000, 133_000, 134_000].map((uploadBps, index): PlanPeer => {
    return { id: 'ABC'[index] ?? '', uploadBps, streams: [camera(100_000, MBIT), VOICE] };
  });
  const { unserved } = planRoom({ headroom: 1, peers });
  t.is(unserved.length, 6);
  t.true(unserved.every(({ stream }) => stream === 'camera'));
});

test('free audio rates rise before those of videos', (t) => {
  const music = { ...VOICE, name: 'music', maxBps: 256_000 };
  const peers = [3, 1, 1].map((mbit, index): PlanPeer => {
    return { id: 'ABC'[index] ?? '', uploadBps: mbit * MBIT, streams: [music, camera(0, 9 * MBIT)] };
  });
  const { rates } = planRoom({ headroom: 1, peers });
  for (const id of 'ABC') t.is(rates[`${id}/music`], 256_000);
  t.true((rates['A/camera'] ?? 0) > 400_000);
});

test('streams of one peer share its upload', (t) => {
  const peers: PlanPeer[] = [
    { id: 'A', uploadBps: 4 * MBIT, streams: [camera(0, 9 * MBIT), SCREEN] },
    { id: 'B', uploadBps: 0 },
  ];
  t.deepEqual(planRoom({ headroom: 1, peers }).rates, { 'A/camera': 2 * MBIT, 'A/screen': 2 * MBIT });
});

test('a want names a peer, one of its streams, or nobody who is there', (t) => {
  const wanted = (...wants: PlanWant[]) => {
    const peers: PlanPeer[] = [
      { id: 'A', uploadBps: 9 * MBIT, streams: [VOICE, SCREEN] },
      { id: 'B', uploadBps: 0, wants },
    ];
    const room = { headroom: 1, peers };
    const plan = planRoom(room);
    t.deepEqual(faultsOf(room, plan), []);
    return plan.routes.map(({ stream }) => stream);
  };
  t.deepEqual(wanted({ source: 'A' }), ['voice', 'screen']);
  t.deepEqual(wanted({ source: 'A', stream: 'screen' }), ['screen']);
  t.deepEqual(wanted({ source: 'A', stream: 'nothing' }, { source: 'gone' }), []);
});

test('the most that is wanted of a stream without layers holds it down, and below its least rate it is not served', (t) => {
  const planFor = (maxBps: number) => {
    const peers: PlanPeer[] = [
      { id: 'A', uploadBps: 9 * MBIT, streams: [camera(500_000, 9 * MBIT)] },
      { id: 'B', uploadBps: 0, wants: [{ source: 'A', maxBps }] },
      { id: 'C', uploadBps: 0 },
    ];
    return planRoom({ headroom: 1, peers });
  };
  t.is(planFor(MBIT).rates['A/camera'], MBIT);
  t.is(planFor(400_000).rates['A/camera'], 9 * MBIT);
  t.deepEqual(planFor(400_000).unserved, [{ source: 'A', stream: 'camera', receiver: 'B' }]);
});

test('a small download lowers only what its receiver wants', (t) => {
  const peers: PlanPeer[] = [
    { id: 'A', uploadBps: 9 * MBIT, streams: [camera(0, 4 * MBIT)] },
    { id: 'B', uploadBps: 9 * MBIT, streams: [camera(0, 4 * MBIT)] },
    { id: 'C', uploadBps: 9 * MBIT, downloadBps: MBIT, wants: [{ source: 'A' }] },
  ];
  t.deepEqual(planRoom({ headroom: 1, peers }).rates, { 'A/camera': MBIT, 'B/camera': 4 * MBIT });
});

test('a download too small for all least rates does without video first, and the others keep their rates', (t) => {
  const peers: PlanPeer[] = [
    { id: 'A', uploadBps: 9 * MBIT, streams: [VOICE, camera(2 * MBIT)] },
    { id: 'B', uploadBps: 9 * MBIT, streams: [VOICE, camera(2 * MBIT)] },
    { id: 'C', uploadBps: 9 * MBIT, downloadBps: 2.2 * MBIT },
  ];
  const room = { headroom: 1, peers };
  const plan = planRoom(room);
  t.deepEqual(faultsOf(room, plan), []);
  t.is(plan.unserved.length, 1);
  t.like(plan.unserved[0], { stream: 'camera', receiver: 'C' });
});

test('the own part has a rate for each own stream', (t) => {
  const room = voicedRoom(seededRandom(3), 8);
  const own = planOwn(room, 'p0002');
  const { rates } = planRoom(room);
  t.deepEqual(own.rates, { voice: 64_000, camera: rates['p0002/camera'] ?? Number.NaN });
});
