/** How streams run now, as trees: only legs between peers that reach each other, and only from relays that may go on. */
import { ALL_SLICES, SLICE_COUNT, sliceBit } from '../../slices.ts';
import { DIRECT, type Paths } from '../fill/running.ts';
import type { Room } from '../room.ts';
import { receives } from '../room.ts';
import type { Graph } from './graph.ts';
import { canStart } from './reachable.ts';
import { type Course, NOBODY } from './tree.ts';

/** By slice: who sends to whom; slices that run alike share one. */
export function runningSenders(room: Room, graph: Graph, course: Course, paths: Paths): Int16Array[] {
  const masks = new Set<number>();
  for (const receivers of paths.values()) for (const mask of receivers.values()) masks.add(mask & ALL_SLICES);
  const alike = new Map<string, Int16Array>();
  return Array.from({ length: SLICE_COUNT }, (_, slice) => {
    const key = [...masks].map((mask) => (mask & sliceBit(slice) ? '1' : '0')).join('');
    const known = alike.get(key) ?? sendersOf(room, graph, course, paths, sliceBit(slice));
    alike.set(key, known);
    return known;
  });
}

function sendersOf(room: Room, graph: Graph, { stream, owner, receivers }: Course, paths: Paths, bit: number) {
  const senders = new Int16Array(room.peers.length).fill(NOBODY);
  const asked = new Uint8Array(room.peers.length);
  for (const receiver of receivers) asked[receiver] = 1;
  for (const [receiver, mask] of paths.get(DIRECT) ?? []) {
    if ((mask & bit) !== 0 && asked[receiver] === 1 && graph.hasEdge(owner, receiver)) senders[receiver] = owner;
  }
  for (const [relay, legs] of paths) {
    if (relay === DIRECT || !canStart(room, graph, stream, owner, relay)) continue;
    if (receives(room, relay, stream) && senders[relay] !== owner) continue;
    for (const [receiver, mask] of legs) {
      if ((mask & bit) === 0 || asked[receiver] !== 1 || senders[receiver] !== NOBODY) continue;
      if (graph.hasEdge(relay, receiver)) senders[receiver] = relay;
    }
  }
  return senders;
}
