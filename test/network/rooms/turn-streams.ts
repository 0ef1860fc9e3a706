/** Which copies of streams go over a TURN server, as packets and the peers' own word say. */
import type { Snapshot } from '../../scenarios/judging/delivery.ts';

/** Packets on an old way are still among the newest hundred for a while: fewer than these are no stream. */
const LEAST_PACKETS = 10;

/** `SOURCE: FROM to TO` of each copy that a peer gets from one that it, or that one, reaches over a server only. */
export function turnStreams(snapshot: Snapshot): string[] {
  const isOverServer = (a: string, b: string): boolean =>
    snapshot.get(a)?.pairs.some(({ peer, kind }) => peer === b && kind === 'turn') ?? false;
  return [...snapshot].flatMap(([receiver, { receptions }]) =>
    receptions.flatMap(({ source, stream, via }) =>
      Object.entries(via).flatMap(([sender, packets]) => {
        const paid = isOverServer(sender, receiver) || isOverServer(receiver, sender);
        return paid && packets >= LEAST_PACKETS ? [`${source}/${stream}: ${sender} to ${receiver}`] : [];
      }),
    ),
  );
}

/** How many copies come: of a stream that is split over several ways each counts. */
export function copiesThatCome(snapshot: Snapshot): number {
  return [...snapshot.values()].reduce((sum, { receptions }) => sum + receptions.filter(isComing).length, 0);
}

function isComing({ via }: { readonly via: Readonly<Record<string, number>> }): boolean {
  return Object.values(via).some((packets) => packets >= LEAST_PACKETS);
}
