/** A leg that carries little: plans go round it where nobody pays for that, and what is over leaves the leg, words last. */
import test from 'ava';
import { withinNarrowLegs } from '../../../machines/forwarding/narrow-legs.ts';
import { aroundNarrow } from '../../../machines/narrow-plan.ts';
import { type PlanInput, planRoom } from '../../../machines/plan.ts';
import type { RelayedRoute, SentStream } from '../../../machines/ports.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';

const MBIT = 1e6;
const CAMERA = { name: 'camera', media: 'video', minBps: 0.1 * MBIT, maxBps: MBIT } as const;
const room = (uploadBps: number): PlanInput => ({
  headroom: 1,
  peers: ['A', 'B', 'C', 'D'].map((id) => ({ id, uploadBps, streams: [CAMERA] })),
});
const NARROW = [{ from: 'A', peer: 'B', bps: 0.3 * MBIT }];
const goesDirect = (input: PlanInput) =>
  planRoom(input).routes.some(
    ({ source, relay, receivers }) => source === 'A' && relay === null && receivers.includes('B'),
  );

test('a plan goes round a leg of too little room where there is upload for it, whatever runs', (t) => {
  const around = aroundNarrow(room(6 * MBIT), NARROW);
  t.false(goesDirect(around));
  t.true(Object.values(planRoom(around).rates).every((bps) => bps === MBIT));
  t.false(goesDirect(aroundNarrow({ ...room(6 * MBIT), inForce: planRoom(around).routes }, NARROW)));
});

test('where others would have to pay, and where nobody lends, it stays', (t) => {
  const full = room(3 * MBIT);
  t.true(Object.values(planRoom(aroundNarrow(full, NARROW)).rates).every((bps) => bps >= 0.95 * MBIT));
  const peers = room(6 * MBIT).peers.map((peer) => ({ ...peer, lendBps: 0 }));
  t.true(goesDirect(aroundNarrow({ headroom: 1, peers }, NARROW)));
});

test('a leg that carries all that goes there is no matter, nor is one of strangers', (t) => {
  const input = room(6 * MBIT);
  t.is(aroundNarrow(input, [{ from: 'A', peer: 'B', bps: 1.1 * MBIT }]), input);
  t.is(aroundNarrow(input, [{ from: 'X', peer: 'Y', bps: 1 }]), input);
});

const hops = (...peers: string[]) => peers.map((peer) => ({ peer, slices: ALL_SLICES }));
const sent = (stream: string, media: 'audio' | 'video', ssrc: number, rateBps: number): SentStream => ({
  ...{ stream, media, ssrc, rateBps, codec: 'VP8/90000', holders: [], hops: hops('B', 'C') },
});
const OWN = [sent('voice', 'audio', 1, 0.03 * MBIT), sent('camera', 'video', 2, 0.5 * MBIT)];
const RELAYED: RelayedRoute = {
  ...{ client: 'C', stream: 'camera', ssrc: 3, media: 'video', promisedBps: 0.6 * MBIT, limitBps: 0.6 * MBIT },
  legs: [
    { receiver: 'B', slices: ALL_SLICES },
    { receiver: 'D', slices: ALL_SLICES },
  ],
};
const toB = (bps: number, forOthers = false) => {
  const { own, relayed } = withinNarrowLegs({ own: OWN, relayed: [RELAYED] }, [{ peer: 'B', bps }], () => forOthers);
  const ofOwn = own.filter((of) => of.hops.some(({ peer }) => peer === 'B')).map(({ ssrc }) => ssrc);
  const others = [...own.flatMap((of) => of.hops), ...relayed.flatMap(({ legs }) => legs)].filter(
    (hop) => !('peer' in hop && hop.peer === 'B') && !('receiver' in hop && hop.receiver === 'B'),
  );
  return { ssrcs: [...ofOwn, ...relayed.filter(({ legs }) => legs.length === 2).map(({ ssrc }) => ssrc)], others };
};

test('what leaves on a leg is what fits, the smallest pictures first; to others all goes on', (t) => {
  t.deepEqual(toB(MBIT).ssrcs, [1, 2, 3]);
  t.deepEqual(toB(0.6 * MBIT).ssrcs, [1, 3]);
  t.deepEqual(toB(0.1 * MBIT).ssrcs, [1]);
  t.is(toB(0.1 * MBIT).others.length, 3);
});

test('words are never left out, and what serves others is the last picture to go', (t) => {
  t.deepEqual(toB(0).ssrcs, [1]);
  t.deepEqual(toB(0.6 * MBIT, true).ssrcs, [1, 2]);
});
