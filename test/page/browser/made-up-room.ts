/** Rooms made by hand, as a page is told of them. */
import type { Arrow, PicturedPeer, RoomPicture } from '../../../actors/room-picture/contract.ts';
import type { ToPage } from '../../../actors/watch/page-messages.ts';

export function peer(id: string, changes: Partial<PicturedPeer> = {}): PicturedPeer {
  return {
    ...{ id, name: id, compatible: true, leaving: false },
    ...{ uploadBps: 10e6, ownBps: 2e6, lentBps: 0, freeBps: 8e6, lendBps: 10e6 },
    streams: [{ name: 'camera', media: 'video', bps: 1e6 }],
    ...changes,
  };
}

export function arrow(from: string, to: string, changes: Partial<Arrow> = {}): Arrow {
  return { from, to, source: from, stream: 'camera', media: 'video', bps: 1e6, kind: 'direct', ...changes };
}

export const told = (picture: RoomPicture, telling: readonly string[] = []): ToPage => ({
  type: 'picture',
  atMs: 0,
  picture,
  telling,
});

/** A's camera comes to C by way of B. */
export const RELAYED: RoomPicture = {
  peers: [peer('A', { ownBps: 1e6 }), peer('B', { lentBps: 1e6, freeBps: 7e6 }), peer('C')],
  arrows: [
    arrow('A', 'B', { kind: 'to-relay' }),
    arrow('B', 'C', { source: 'A', kind: 'relayed' }),
    arrow('B', 'A'),
    arrow('B', 'C'),
  ],
  omitted: 0,
};

/** Everybody sends to everybody. @param bps of each arrow, given its number */
export function mesh(count: number, bps: (arrow: number) => number): RoomPicture {
  const ids = Array.from({ length: count }, (_, place) => `P${place}`);
  let made = 0;
  const arrows = ids.flatMap((from) =>
    ids.filter((to) => to !== from).map((to) => arrow(from, to, { bps: bps(made++) })),
  );
  return { peers: ids.map((id) => peer(id)), arrows, omitted: 0 };
}
