/** By what kind of way two peers talk in the end, as their packets and their own log say. */
import { z } from 'zod';
import type { PeerId } from '../../../machines/messages.ts';
import type { Logged } from '../../integration/peer-process.ts';
import type { Host } from '../../network/parts/host.ts';
import type { Snapshot } from '../../scenarios/judging/delivery.ts';

/**
 * `lan`: within one LAN. `direct`: from one to the other over the internet. `relay`: over a member. `turn`: over a TURN server.
 * `unproved`: from one to the other, and neither says that a way was proved. Two of them where the directions differ.
 */
export type Medium = Kind | `${Kind}, ${Kind}` | 'none';
const KINDS = ['lan', 'direct', 'relay', 'turn', 'unproved'] as const;
type Kind = (typeof KINDS)[number];

/** Of the log: a pair has found a way. */
const opened = z.looseObject({
  event: z.literal('pair.opened'),
  other: z.string(),
  kind: z.enum(['host', 'mapped', 'reflexive', 'relayed', 'seen']),
  to: z.object({ host: z.string() }),
});

/** Where the two are. */
export interface Whereabouts {
  readonly a: Pick<Host, 'isAt'>;
  readonly b: Pick<Host, 'isAt'>;
  readonly inOneLan: boolean;
}

/** @param events of A and B, in order */
export function mediumOf(
  snapshot: Snapshot,
  events: Readonly<Record<'A' | 'B', readonly Logged[]>>,
  { a, b, inOneLan }: Whereabouts,
): Medium {
  const hosts = { A: a, B: b };
  const kinds = (
    [
      ['A', 'B'],
      ['B', 'A'],
    ] as const
  ).map(([source, receiver]): Kind => {
    if (isRelayed(snapshot, source, receiver)) return 'relay';
    const way = events[source]
      .flatMap((event) => opened.safeParse(event).data ?? [])
      .findLast(({ other }) => other === receiver);
    if (way === undefined) return 'unproved';
    if (way.kind === 'relayed') return 'turn';
    return inOneLan && hosts[receiver].isAt(way.to.host) ? 'lan' : 'direct';
  });
  const [one, other] = KINDS.filter((kind) => kinds.includes(kind));
  if (one === undefined) return 'none';
  return other === undefined ? one : `${one}, ${other}`;
}

/** Whether the newest packets came over another member, for the most part. */
function isRelayed(snapshot: Snapshot, source: PeerId, receiver: PeerId): boolean {
  const via = snapshot.get(receiver)?.receptions.find((reception) => reception.source === source)?.via ?? {};
  const all = Object.values(via).reduce((sum, count) => sum + count, 0);
  return 2 * (via[source] ?? 0) < all;
}
