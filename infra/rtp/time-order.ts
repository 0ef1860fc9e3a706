/**
 * Which packets never have an earlier timestamp than those that were sent before them. Where one has, its sender's clock has been
 * set back, though its SSRC and its numbers go on: a file that begins again, a phone system that takes up another source.
 */
import type { Codec, Media } from '../codec/codec.ts';
import { nalFormatOf, nalUnitsIn } from '../codec/nal-units.ts';
import { payloadOf } from './payload.ts';

/** Encodings of pictures that are always sent in the order in which they are shown, in lower case. */
const IN_ORDER = new Set(['vp8', 'vp9', 'av1', 'jpeg', 'h261', 'h263', 'h263-1998', 'h263-2000', 'mp2t']);

/**
 * Sound is sent in its order, and so are most pictures. Those of H.264 and H.265 are not, but a key picture, and the parameter sets
 * that come with it, are shown after all that was sent before; of other encodings nothing is known.
 *
 * @param packet with a whole header
 */
export function neverGoesBack(media: Media, { name }: Codec, packet: Uint8Array): boolean {
  if (media === 'audio' || IN_ORDER.has(name.toLowerCase())) return true;
  const format = nalFormatOf(name);
  if (format === undefined) return false;
  for (const { type } of nalUnitsIn(payloadOf(packet) ?? new Uint8Array(), format)) {
    if (format.isKeyPicture(type) || format.parameterSets.includes(type)) return true;
  }
  return false;
}
