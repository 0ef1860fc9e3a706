/** Opens the sources that the command line asks for. */
import { randomInt } from 'node:crypto';
import type { OwnStream } from '../options/contract.ts';
import type { SendPacket, Source, StreamSourceNews } from './contract.ts';
import { openRtpSource } from './rtp-source.ts';
import { startTestSource } from './test-source.ts';

export interface OpenSourceOptions {
  /** Unique in the room. */
  readonly ssrc: number;
  readonly send: SendPacket;
  readonly onNews: (news: StreamSourceNews) => void;
}

/**
 * Starts to feed a stream, at its least rate; a program has its own.
 *
 * @throws {PathError} `port.in-use`, `port.forbidden`, `socket.failed`
 */
export async function openSource(stream: OwnStream, { ssrc, send, onNews }: OpenSourceOptions): Promise<Source> {
  const { name, source, format, bitrate } = stream;
  const start = { ssrc, format, send, firstSequence: randomInt(2 ** 16), firstTimestamp: randomInt(2 ** 32) };
  if (source.kind === 'test') return startTestSource({ ...start, rateBps: bitrate.minBps });
  return openRtpSource({
    ...start,
    ...{ port: source.port, payloadTypes: source.payloadTypes, maxBps: bitrate.maxBps },
    now: () => performance.now(),
    onNews: (news) => onNews({ ...news, stream: name }),
  });
}
