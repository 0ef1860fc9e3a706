/** Why pairs of a room with a graph go without. */
import type { Unserved } from '../contract.ts';
import { type Room, receives } from '../room.ts';
import { withinOwnLimits } from '../shortage.ts';
import type { Graph } from './graph.ts';
import { isBridged, withReachable } from './reachable.ts';

/** The reason of a pair that is not served: of a stream, the lowest layer of its group, and a receiver. Peers and streams by index. */
export function reasonsOf(asked: Room, graph: Graph): (stream: number, receiver: number) => Unserved {
  const reachable = withReachable(asked, graph);
  const limited = withinOwnLimits(reachable);
  return (stream, receiver) => {
    const { owner = 0 } = asked.streams[stream] ?? {};
    if (!graph.hasEdge(owner, receiver) && !isBridged(asked, graph, owner, receiver)) return 'no-relay';
    const isTooMuch = receives(reachable, receiver, stream) && !receives(limited, receiver, stream);
    return isTooMuch ? 'no-download' : 'no-upload';
  };
}
