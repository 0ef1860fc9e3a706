/** Which stream of which member comes under an SSRC. */
import type { PeerId, StreamName } from '../../machines/messages.ts';
import type { TransportMember, TransportTable } from '../../machines/ports.ts';

/** Which stream of which member. */
export interface MemberStream {
  readonly owner: PeerId;
  readonly stream: StreamName;
}

/** Where two members have one SSRC, it is that of whoever stands first, as in the path's table. */
export function streamsBySsrc(
  own: TransportTable['own'],
  members: readonly Pick<TransportMember, 'peer' | 'streams'>[],
): Map<number, MemberStream> {
  const ours = new Set(own.map(({ ssrc }) => ssrc));
  const streams = new Map<number, MemberStream>();
  for (const { peer, streams: theirs } of members) {
    for (const { ssrc, name: stream } of theirs) {
      if (!ours.has(ssrc) && !streams.has(ssrc)) streams.set(ssrc, { owner: peer, stream });
    }
  }
  return streams;
}
