/** Rooms to plan: the same for the same seed. */
import * as fc from 'fast-check';
import {
  type PlanInput,
  type PlanPeer,
  type PlanRoute,
  type PlanStream,
  type PlanWant,
  planRoom,
} from '../../machines/plan.ts';

export const MBIT = 1_000_000;

/** Upload medians of access lines, Mbit/s: US fixed lines, DSL, mobile. */
const MEDIANS = [188.6, 169.7, 91.4, 30.6, 29.2, 22.3, 14.8, 12, 11.7, 9.1, 7];
/** The share of lines far below any median, and their range, Mbit/s. */
const LOW_TAIL = { share: 0.2, from: 0.5, to: 3 };

/** mulberry32: numbers in 0..1, the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const VOICE: PlanStream = { name: 'voice', media: 'audio', minBps: 64_000, maxBps: 64_000 };

/** A video at a rate, or at any up to another one. */
export function camera(minBps: number, maxBps = minBps): PlanStream {
  return { name: 'camera', media: 'video', minBps, maxBps };
}

/** bit/s of a home: half to one and a half times a median, or from the low tail. */
export function randomUpload(random: () => number): number {
  if (random() < LOW_TAIL.share) return Math.round((LOW_TAIL.from + random() * (LOW_TAIL.to - LOW_TAIL.from)) * MBIT);
  const median = MEDIANS[Math.floor(random() * MEDIANS.length)] ?? 0;
  return Math.round(median * (0.5 + random()) * MBIT);
}

/** Everybody watches everybody, at any rate. */
export function homeRoom(random: () => number, size: number): PlanInput {
  return freeRoom(Array.from({ length: size }, () => randomUpload(random)));
}

/** The same with the given uploads, bit/s. */
export function freeRoom(uploads: readonly number[]): PlanInput {
  const peers = uploads.map((uploadBps, index): PlanPeer => {
    return { id: peerId(index), uploadBps, streams: [camera(0, 1000 * MBIT)] };
  });
  return { headroom: 1, peers };
}

/** The same with a voice beside every camera. */
export function voicedRoom(random: () => number, size: number, voice = VOICE): PlanInput {
  const { headroom, peers } = homeRoom(random, size);
  return { headroom, peers: peers.map((peer) => ({ ...peer, streams: [voice, ...(peer.streams ?? [])] })) };
}

/** The same room as its peers join it one by one: in force is what ran when all but the last had come. */
export function joinedOneByOne({ headroom, peers }: PlanInput): PlanInput & { readonly inForce: readonly PlanRoute[] } {
  let inForce: readonly PlanRoute[] = [];
  for (let joined = 2; joined < peers.length; joined += 1) {
    inForce = planRoom({ headroom, peers: peers.slice(0, joined), inForce }).routes;
  }
  return { headroom, peers, inForce };
}

/** All sources at one fixed rate: a part of the best common one. */
export function evenRoom(random: () => number, size: number, part: number): PlanInput {
  const room = homeRoom(random, size);
  const uploads = room.peers.map(({ uploadBps }) => uploadBps);
  const rate = Math.floor(part * Math.min(commonRate(uploads), ...uploads));
  return { ...room, peers: room.peers.map((peer) => ({ ...peer, streams: [camera(rate)] })) };
}

/** The lowest fixed rate of a mixed room as a part of the highest, before those are cut that their peer can't upload once. */
const LOWEST_WEIGHT = 0.2;
/** After so many a level is as exact as a double can be. */
const HALVINGS = 60;

/** Every source at a fixed rate of its own; all together they take a part of the upload that the bound gives them. */
export function mixedRoom(random: () => number, size: number, part: number): PlanInput {
  const peers = homeRoom(random, size).peers.map((peer) => ({
    ...peer,
    weight: LOWEST_WEIGHT + (1 - LOWEST_WEIGHT) * random(),
  }));
  const atLevel = (level: number): number[] =>
    peers.map(({ uploadBps, weight }) => Math.min(uploadBps, level * weight));
  const within = size * commonRate(peers.map(({ uploadBps }) => uploadBps));
  let low = 0;
  let high = within / LOWEST_WEIGHT;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2;
    if (atLevel(middle).reduce((sum, rate) => sum + rate, 0) <= within) low = middle;
    else high = middle;
  }
  const rates = atLevel(low).map((rate) => Math.floor(part * rate));
  return {
    headroom: 1,
    peers: peers.map(({ id, uploadBps }, index) => {
      const rate = rates[index] ?? 0;
      return { id, uploadBps, streams: [camera(rate)] };
    }),
  };
}

/** What every source can have if all have the same, bit/s; some peers may not be able to upload it once. */
function commonRate(uploads: readonly number[]): number {
  return uploads.reduce((sum, upload) => sum + upload, 0) / uploads.length / (uploads.length - 1);
}

/** A room of fixed 1 Mbit/s sources with the given uploads, Mbit/s; peers are called A, B, C and so on. */
export function fixedRoom(uploads: readonly number[], inForce: readonly PlanRoute[] = []): PlanInput {
  const peers = uploads.map((upload, index): PlanPeer => {
    return { id: String.fromCharCode(65 + index), uploadBps: upload * MBIT, streams: [camera(MBIT)] };
  });
  return { headroom: 1, peers, inForce };
}

export function peerId(index: number): string {
  return `p${String(index).padStart(4, '0')}`;
}

function bps(least: number, most: number): fc.Arbitrary<number> {
  return fc.integer({ min: least, max: most });
}

const ONE_VIDEO = { weight: 3, arbitrary: rates(50_000, MBIT, 3 * MBIT).map((range) => [{ ...camera(0), ...range }]) };
const VOICE_AND_VIDEO = ONE_VIDEO.arbitrary.map((video) => [VOICE, ...video]);
/** A camera of two or three layers, lowest first in a group, the rest as it comes. */
const LAYERED = fc
  .tuple(fc.integer({ min: 2, max: 3 }), fc.boolean(), fc.boolean())
  .map(([count, voice, screen]): PlanStream[] => [
    ...(voice ? [VOICE] : []),
    ...[150_000, 600_000, 2_600_000]
      .slice(0, count)
      .map((bps, layer): PlanStream => ({ ...camera(bps), name: `camera${layer}`, group: 'camera', layer })),
    ...(screen ? [{ ...camera(200_000, 3 * MBIT), name: 'screen' }] : []),
  ]);

/** Rooms with everything that a room can have: limits, plain endpoints, wants, watchers without a stream, audio, layers. */
export const anyRoom: fc.Arbitrary<PlanInput> = fc
  .integer({ min: 1, max: 9 })
  .chain((size) => {
    const want: fc.Arbitrary<PlanWant> = fc.record(
      {
        source: fc.integer({ min: 0, max: size - 1 }).map(peerId),
        stream: fc.constantFrom('camera', 'camera0', 'voice', 'screen'),
        maxBps: fc.oneof(bps(20_000, MBIT), bps(MBIT, 4 * MBIT)),
      },
      { requiredKeys: ['source'] },
    );
    const peer = (index: number): fc.Arbitrary<PlanPeer> =>
      fc.record(
        {
          id: fc.constant(peerId(index)),
          uploadBps: fc.oneof(fc.constant(0), bps(100_000, 4 * MBIT), bps(MBIT, 40 * MBIT)),
          lendBps: fc.oneof(fc.constant(0), bps(0, 10 * MBIT)),
          downloadBps: bps(500_000, 30 * MBIT),
          compatible: fc.constant(false),
          wants: fc.array(want, { maxLength: 2 * size }),
          streams: fc.oneof(ONE_VIDEO, { weight: 2, arbitrary: VOICE_AND_VIDEO }, { weight: 2, arbitrary: LAYERED }),
        },
        { requiredKeys: ['id', 'uploadBps'] },
      );
    const often = (index: number): fc.Arbitrary<PlanPeer> =>
      fc.oneof(
        { weight: 2, arbitrary: peer(index) },
        {
          weight: 3,
          arbitrary: peer(index).map(({ id, uploadBps, streams = [camera(MBIT)] }) => ({ id, uploadBps, streams })),
        },
      );
    return fc.tuple(...Array.from({ length: size }, (_, index) => often(index)));
  })
  .chain((peers) => fc.constantFrom(0.95, 1).map((headroom) => ({ headroom, peers })));

/** Rates between 0 and more, often fixed. */
function rates(least: number, most: number, more: number): fc.Arbitrary<{ minBps: number; maxBps: number }> {
  return fc
    .tuple(fc.oneof(fc.constant(0), bps(least, most)), fc.oneof(fc.constant(0), bps(0, more)))
    .map(([minBps, above]) => ({ minBps, maxBps: minBps + above }));
}
