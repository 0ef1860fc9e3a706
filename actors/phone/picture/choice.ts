/** Whom a phone shows: who is pinned, else who speaks, else the first. Pure. */

import { usualParameters } from '../../../infra/sdp/format-parameters.ts';
import type { Format } from '../../../infra/sip/sdp/read.ts';
import { decodes } from '../../../infra/sip/sdp/session.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { RemoteStream } from '../../sink/contract.ts';

/** A format without its number, which each end chooses. */
export type PlainFormat = Omit<Format, 'payloadType'>;

export interface Wish {
  readonly pinned: PeerId | null;
  readonly speaker: PeerId | null;
  /** What the phone decodes. */
  readonly format: PlainFormat;
}

/**
 * The picture to show, of all that the room has; null: none that the phone can decode.
 *
 * @param comes whether packets of an SSRC come now: of the layers of a group one does
 */
export function chosenPicture(
  streams: readonly RemoteStream[],
  { pinned, speaker, format }: Wish,
  comes: (ssrc: number) => boolean,
): RemoteStream | null {
  const pictures = streams.filter((stream) => stream.media === 'video' && decodes(format, formatOf(stream)));
  const peer = [pinned, speaker, pictures[0]?.peer].find((one) => pictures.some((stream) => stream.peer === one));
  const theirs = pictures.filter((stream) => stream.peer === peer);
  const [first] = theirs;
  if (first === undefined) return null;
  const layers = first.group === null ? [first] : theirs.filter(({ group }) => group === first.group);
  return layers.find(({ ssrc }) => comes(ssrc)) ?? first;
}

/** As its owner sends it: who does not say more of H.264 cuts its pictures into pieces. */
function formatOf({ codec, fmtp }: RemoteStream): PlainFormat {
  return { codec, fmtp: fmtp === '' ? (usualParameters(codec) ?? '') : fmtp };
}

/** Those of `formats` first that most of these streams have. */
export function byUse(formats: readonly Format[], streams: readonly RemoteStream[], pinned: PeerId | null): Format[] {
  const uses = (format: Format) =>
    streams.reduce((sum, stream) => {
      const isIt = decodes(format, formatOf(stream));
      return sum + (isIt ? (stream.peer === pinned ? PINNED_WEIGHT : 1) : 0);
    }, 0);
  return [...formats].sort((one, other) => uses(other) - uses(one));
}

/** More than a room has members. */
const PINNED_WEIGHT = 1000;
