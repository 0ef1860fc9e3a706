/** Where plain endpoints say that they are. Nothing proves it, so an address is of whoever has claimed it for longest. */
import type { Endpoint, Media, PeerId } from './messages.ts';
import type { Member, View } from './view.ts';

/** Where RTCP to a member goes, and comes from: where RTP does (`muxed`, RFC 5761), to an address of its own, or nowhere. */
export type RtcpPlace = 'muxed' | Endpoint | null;

const MAX_PORT = 65_535;

/**
 * Does somebody else claim this plain endpoint's address for longer? Then what comes from there need not be its own, and what is
 * sent there would flood the other. Where a compatible member is, its pair proves.
 */
export function isAtAnothersAddress(view: View, { id, media, compatible }: Member): boolean {
  return !compatible && isClaimedBefore(view, id, media);
}

/**
 * Where RTCP to a member goes. To a plain endpoint that did not say that it takes both at one port never there, as some decode it for a
 * picture: to the port that it names, or else to the next one (RFC 3550 section 11), unless somebody else was there before.
 */
export function rtcpPlaceOf(view: View, { id, media, compatible }: Member): RtcpPlace {
  if (compatible || isMuxed(media)) return 'muxed';
  const place = rtcpOf(media);
  return place === null || isClaimedBefore(view, id, place) ? null : place;
}

export function sameMedia(a: Media, b: Media): boolean {
  return sameAddress(a, b) && rtcpOf(a)?.port === rtcpOf(b)?.port;
}

function isClaimedBefore({ members }: View, id: PeerId, place: Endpoint): boolean {
  for (const member of members.values()) {
    if (member.id === id) return false;
    const rtcp = member.compatible ? null : rtcpOf(member.media);
    if (sameAddress(member.media, place) || (rtcp !== null && sameAddress(rtcp, place))) return true;
  }
  return false;
}

function isMuxed({ port, rtcpPort }: Media): boolean {
  return rtcpPort === port;
}

/** Null: the port behind the last one. */
function rtcpOf({ host, port, rtcpPort = port + 1 }: Media): Endpoint | null {
  return rtcpPort > MAX_PORT ? null : { host, port: rtcpPort };
}

export function sameAddress(a: Pick<Endpoint, 'host' | 'port'>, b: Pick<Endpoint, 'host' | 'port'>): boolean {
  return a.host === b.host && a.port === b.port;
}
