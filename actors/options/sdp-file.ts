/** `--source sdp:FILE`: the streams that a program says it sends, as its own SDP file tells them. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { Codec, Media } from '../../infra/codec/codec.ts';
import { MAX_SDP_BYTES, readSentStreams, SdpError, type SentStream } from '../../infra/sdp/sdp-reader.ts';
import type { Bitrate } from './contract.ts';
import { FMTP, MAX_FMTP } from './fmtp.ts';
import { UsageError } from './usage-error.ts';
import { isUsablePayloadType, LEAST_BPS } from './values.ts';

/** What encoders do not count, and the stream does: RTP headers of 50 packets a second, or 1 % of large packets. In bit/s. */
const HEADERS_BPS = 4800;
const HEADERS_SHARE = 0.01;

/** What a section tells of its stream. */
interface ToldStream {
  readonly source: { readonly kind: 'rtp'; readonly port: number };
  readonly media: Media;
  readonly codec: Codec;
  readonly payloadType: number;
  readonly fmtp: string;
  readonly bitrate?: Bitrate;
}

/**
 * The streams of the file, one for each section of sound or pictures.
 *
 * @throws {UsageError} `sdp.unreadable`, `sdp.too-large`, `sdp.invalid`; the message names the file and the line
 */
export function streamsOfSdpFile(path: string): ToldStream[] {
  try {
    return readSentStreams(readBounded(path)).map(toldStreamOf);
  } catch (error) {
    if (!(error instanceof SdpError)) throw error;
    throw new UsageError(`--source sdp:${path}: ${error.message}.`, error.code, { cause: error });
  }
}

/** No more of a file that is no SDP than tells that it is none: it may have any size, or no end. */
function readBounded(path: string): string {
  try {
    // A pipe that nobody writes to would be waited for without end.
    if (!statSync(path).isFile()) throw new Error('it is not a file');
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(MAX_SDP_BYTES + 1);
      let length = 0;
      let read = -1;
      while (read !== 0 && length < bytes.length) {
        read = readSync(file, bytes, length, bytes.length - length, null);
        length += read;
      }
      return bytes.toString('utf8', 0, length);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = 'Start the program that writes it first (ffmpeg: -sdp_file FILE).';
    throw new UsageError(`--source sdp:${path}: cannot be read (${reason}). ${advice}`, 'sdp.unreadable', { cause });
  }
}

function toldStreamOf({ media, port, payloadType, codec, fmtp, bps, line }: SentStream): ToldStream {
  if (!isUsablePayloadType(payloadType)) {
    throw new SdpError(
      'sdp.invalid',
      line,
      `payload type ${payloadType} looks like RTCP: let the program send another`,
    );
  }
  if (fmtp !== '' && !FMTP.test(fmtp)) {
    const problem = `a=fmtp:${payloadType} has more than ${MAX_FMTP} characters, or some that are not printable ASCII`;
    throw new SdpError('sdp.invalid', line, problem);
  }
  return {
    source: { kind: 'rtp', port },
    ...{ media, codec, payloadType, fmtp },
    ...(bps === null || bps < LEAST_BPS ? {} : { bitrate: bitrateOf(bps) }),
  };
}

function bitrateOf(bps: number): Bitrate {
  const withHeaders = Math.round(bps + Math.max(HEADERS_BPS, bps * HEADERS_SHARE));
  return { minBps: withHeaders, maxBps: withHeaders };
}
