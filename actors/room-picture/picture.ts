/** A room as a picture: who is there, what each uploads, and who carries whose packets. Pure. */
import type { PeerId } from '../../machines/messages.ts';
import type { Member } from '../../machines/view.ts';
import { arrowsOf } from './arrows.ts';
import type { Arrow, PicturedPeer, RoomPicture } from './contract.ts';

/** The picture of these members, who stand in it in the order of their ids: a place is kept when others come and go. */
export function pictureOf(members: ReadonlyMap<PeerId, Member>): RoomPicture {
  const { arrows, omitted } = arrowsOf(members);
  const own = ownBpsBy(arrows);
  const peers = [...members.values()].map((member) => peerOf(member, own.get(member.id) ?? 0));
  return { peers: peers.sort((a, b) => byName.compare(a.id, b.id)), arrows, omitted };
}

/** P2 before P10. */
const byName = new Intl.Collator('en', { numeric: true });

/** What each source's own streams take of its upload. */
function ownBpsBy(arrows: readonly Arrow[]): Map<PeerId, number> {
  const own = new Map<PeerId, number>();
  for (const { from, source, bps } of arrows) if (from === source) own.set(source, (own.get(source) ?? 0) + bps);
  return own;
}

/** What is lent is the relay's own word: what clients say of it could make it look busier than it is. */
function peerOf(member: Member, ownBps: number): PicturedPeer {
  const { id, name, compatible, leaving, uploadBps, promisedBps: lentBps, lendBps, streams } = member;
  return {
    ...{ id, name: name === '' ? id : name, compatible, leaving, uploadBps, ownBps, lentBps, lendBps },
    freeBps: Math.max(0, uploadBps - ownBps - lentBps),
    streams: streams.map(({ name, media, rateBps }) => ({ name, media, bps: rateBps })),
  };
}
