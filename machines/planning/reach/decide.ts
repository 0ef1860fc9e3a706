/** The numbers and the ways of a plan where not everybody reaches everybody. */
import { SLICE_COUNT } from '../../slices.ts';
import { attemptsAt } from '../attempts.ts';
import { type Bound, boundOf } from '../bound.ts';
import type { PlanRoute } from '../contract.ts';
import type { Decision } from '../decide.ts';
import { DIRECT, Running } from '../fill/running.ts';
import { type Room, wantingPeers } from '../room.ts';
import type { Share } from '../share.ts';
import { withinOwnLimits } from '../shortage.ts';
import { isServed, Legs } from './give-way.ts';
import type { Graph } from './graph.ts';
import { ratesOn } from './rates.ts';
import { withReachable } from './reachable.ts';
import type { Found } from './rise.ts';
import { type Course, NOBODY, treeOf } from './tree.ts';
import { waysAround, waysAtLeast } from './ways.ts';

/** Moving legs to their owners makes room for others: after so many rounds that is done. */
const TIDY_ROUNDS = 3;

export function decideReaching(asked: Room, graph: Graph, inForce: readonly PlanRoute[]): Decision {
  const limited = withinOwnLimits(withReachable(asked, graph));
  const { late, tries, short } = attemptsAt(limited, inForce);
  for (const { room, served, bound } of tries) {
    const found = waysAround(served, graph, bound, new Running(served, inForce));
    if (found === null) continue;
    const courses = [...found.courses, ...late.flatMap((stream) => emptyCourses(room, stream))];
    const isShort = limited !== asked && late.length > 0;
    return decision(room, graph, { ...found, courses }, inForce, isShort ? { ...bound, feasible: false } : bound);
  }
  return decideShort(short(), graph, inForce);
}

/** Not even the least rates find their places: legs go until all others do, and rates rise as far as these carry them. */
function decideShort(room: Room, graph: Graph, inForce: readonly PlanRoute[]): Decision {
  const bound: Bound = { ...boundOf(room), feasible: false, levelBps: 0 };
  const running = new Running(room, inForce);
  const { courses, rates } = waysAtLeast(room, graph, running);
  const legs = new Legs(room, graph, courses, rates);
  legs.shed();
  legs.addMissing();
  const most = room.streams.map(({ maxBps, minBps }) => Math.max(minBps, maxBps));
  const risen = ratesOn(room, { ...bound, rates: most }, courses) ?? rates;
  return decision(room, graph, { courses, rates: risen }, inForce, bound);
}

/** @param found the ways, of some streams perhaps to nobody yet: what still fits of these is added, and no rate changes for it */
function decision(room: Room, graph: Graph, found: Found, inForce: readonly PlanRoute[], bound: Bound): Decision {
  const { courses } = found;
  let { rates } = found;
  const running = new Running(room, inForce);
  for (let round = 0; round < TIDY_ROUNDS; round += 1) {
    const legs = new Legs(room, graph, courses, rates);
    legs.addMissing();
    if (!legs.sendDirect((stream, receiver) => isRelayed(running, stream, receiver))) break;
    rates = ratesOn(room, bound, courses) ?? rates;
  }
  return { room, rates, shares: sharesOf(room, courses), running, bound };
}

/** Whether a relay sends it something of this stream now. */
function isRelayed(running: Running, stream: number, receiver: number): boolean {
  return [...running.pathsOf(stream)].some(([relay, legs]) => relay !== DIRECT && (legs.get(receiver) ?? 0) !== 0);
}

function emptyCourses(room: Room, stream: number): Course[] {
  const { owner = 0, audio = false, minBps: rate = 0, audience = 0 } = room.streams[stream] ?? {};
  if (audience === 0) return [];
  const receivers = wantingPeers(room, stream);
  const tree = treeOf(owner, new Int16Array(room.peers.length).fill(NOBODY));
  return [{ stream, owner, audio, receivers, rate, trees: new Array(SLICE_COUNT).fill(tree) }];
}

function sharesOf(room: Room, courses: readonly Course[]): Share[] {
  const nobody: Share = { receivers: 0, direct: new Array<number>(SLICE_COUNT).fill(0), fans: [], trees: [] };
  const shares = room.streams.map(() => nobody);
  for (const course of courses) shares[course.stream] = shareOf(course);
  return shares;
}

function shareOf(course: Course): Share {
  const { owner, trees, receivers } = course;
  const direct = trees.map(({ senders }) => senders.reduce((sum, sender) => sum + (sender === owner ? 1 : 0), 0));
  const fans = new Map<number, number[]>();
  for (const [slice, { loads }] of trees.entries()) {
    for (const { peer, copies } of loads.slice(1)) {
      const legs = fans.get(peer) ?? new Array<number>(SLICE_COUNT).fill(0);
      fans.set(peer, legs);
      legs[slice] = copies;
    }
  }
  const served = receivers.filter((receiver) => isServed(course, receiver)).length;
  return { receivers: served, direct, fans: [...fans].map(([relay, legs]) => ({ relay, legs })), trees };
}
