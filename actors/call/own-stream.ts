/** What a peer shows, as it is told to the room; and what cannot be told. */

import { randomInt } from 'node:crypto';
import { formatCodec } from '../../infra/codec/codec.ts';
import { CodedError } from '../../infra/coded-error.ts';
import { MAX_STREAMS, type StreamInfo, type StreamName, streamSchema } from '../../machines/messages.ts';
import { sealBps } from '../media/sealing/overhead.ts';
import type { OwnStream } from '../options/contract.ts';

/** An own stream, whatever feeds it. */
export type ShownStream = Omit<OwnStream, 'source' | 'rtcp'>;

/** Why a stream cannot come or go. Stable: programs switch on them. */
type StreamErrorCode =
  /** Another own stream has this name. */
  | 'stream.taken'
  /** There are as many as a peer can have. */
  | 'stream.too-many'
  /** The room would refuse what is told of it, or it does not go with the others of its group. */
  | 'stream.invalid'
  /** No own stream has this name. */
  | 'stream.unknown'
  /** The call is over. */
  | 'stream.closed';

/** An own stream that cannot come or go, with a stable `code` and a message that says why. */
export class StreamError extends CodedError<StreamErrorCode> {
  override readonly name = 'StreamError';
}

/**
 * How the room is told of one more own stream, under an SSRC that no other of them has.
 *
 * @param isSigned whether we sign what we send of it
 * @throws {StreamError} `stream.taken`, `stream.too-many`, `stream.invalid`
 */
export function describeStream(stream: ShownStream, others: readonly StreamInfo[], isSigned: boolean): StreamInfo {
  const { name, format, bitrate, group, layer } = stream;
  const { codec, media, payloadType, fmtp } = format;
  const { minBps, maxBps } = bitrate;
  if (others.some((other) => other.name === name)) {
    throw new StreamError('stream.taken', `A stream is called ${name} already. Give each its own name.`);
  }
  if (others.length >= MAX_STREAMS) {
    throw new StreamError('stream.too-many', `A peer has at most ${MAX_STREAMS} streams. Remove one first.`);
  }
  const addedBps = sealBps(media, isSigned);
  const info = {
    ...{ name, ssrc: freshSsrc(others), payloadType, codec: formatCodec(codec), fmtp, media },
    ...{ minBps: minBps + addedBps, maxBps: maxBps + addedBps, rateBps: minBps + addedBps },
    ...{ group, layer },
  };
  const [issue] = streamSchema.safeParse(info).error?.issues ?? [];
  if (issue !== undefined) throw invalid(name, `its ${issue.path.join('.')} is wrong (${issue.message})`);
  if (minBps > maxBps) throw invalid(name, 'its least rate is above its highest');
  const siblings = group === null ? [] : others.filter((other) => other.group === group);
  if (siblings.some((other) => other.media !== media)) throw invalid(name, `group ${group} has sound and pictures`);
  if (siblings.some((other) => other.layer === layer))
    throw invalid(name, `group ${group} has a layer ${layer} already`);
  return info;
}

/** The same of all streams that a peer begins with. */
export function describeStreams(streams: readonly ShownStream[], isSigned: boolean): StreamInfo[] {
  const described: StreamInfo[] = [];
  for (const stream of streams) described.push(describeStream(stream, described, isSigned));
  return described;
}

function invalid(name: StreamName, why: string): StreamError {
  return new StreamError('stream.invalid', `The stream ${name} cannot be shown: ${why}.`);
}

/** Random (RFC 3550 section 8), and not that of another own stream. */
function freshSsrc(others: readonly StreamInfo[]): number {
  for (;;) {
    const ssrc = randomInt(2 ** 32);
    if (others.every((other) => other.ssrc !== ssrc)) return ssrc;
  }
}
