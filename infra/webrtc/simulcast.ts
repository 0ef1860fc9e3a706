/** The layers that a page would send on an m-line (RFC 8853 section 5.1, RFC 8851 section 4). */
import { attributeOf, invalid, type SdpBlock } from './sdp-blocks.ts';

/** The header extension tells 16 bytes at most (RFC 8285 section 4.2). */
const RID = /^[A-Za-z0-9_-]{1,16}$/;
/** No browser encodes more than three. */
const MOST_LAYERS = 8;
const SIMULCAST = /(?:^| )send (?<streams>[^ ]+)/;

/**
 * In the order of the offer; of alternatives the first. Empty: no simulcast.
 *
 * @throws {WebRtcError} `offer.invalid`
 */
export function offeredRids(block: SdpBlock, where: string): string[] {
  const { streams } = SIMULCAST.exec(attributeOf(block, 'simulcast') ?? '')?.groups ?? {};
  if (streams === undefined) return [];
  // A `~` says that the layer is paused for now.
  const rids = streams.split(';').map((alternatives) => alternatives.split(',', 1).join('').replace(/^~/, ''));
  const described = new Set((block.attributes.get('rid') ?? []).map((value) => value.split(' ', 2).join(' ')));
  const isProper = (rid: string) => RID.test(rid) && described.has(`${rid} send`);
  if (rids.length > MOST_LAYERS || new Set(rids).size !== rids.length || !rids.every(isProper)) {
    throw invalid(`${where} has a simulcast attribute that does not go with its rids`);
  }
  return rids;
}
