/** Opens the sources that the command line asks for. */
import { randomInt } from 'node:crypto';
import type { ProgramTime } from '../media/reports/own-reports.ts';
import type { OwnStream } from '../options/contract.ts';
import type { SendPacket, Source, StreamSourceNews } from './contract.ts';
import { openRtpSource } from './rtp-source.ts';
import { startTestSource } from './test-source.ts';

export interface OpenSourceOptions {
  /** Unique in the room. */
  readonly ssrc: number;
  readonly send: SendPacket;
  readonly onNews: (news: StreamSourceNews) => void;
  /** The program that feeds it tells its clock; null: it is another program, or the same one anew. */
  readonly onTime: (time: ProgramTime | null) => void;
  /** Ports of the peer's other sources. */
  readonly otherPorts: ReadonlySet<number>;
}

/**
 * Starts to feed a stream, at its least rate; a program has its own.
 *
 * @throws {PathError} `port.in-use`, `port.forbidden`, `socket.failed`
 */
export async function openSource(stream: OwnStream, options: OpenSourceOptions): Promise<Source> {
  const { ssrc, send, onNews, onTime, otherPorts } = options;
  const { name, source, format, bitrate, rtcp = null } = stream;
  const start = { ssrc, format, send, firstSequence: randomInt(2 ** 16), firstTimestamp: randomInt(2 ** 32) };
  if (source.kind === 'test') return startTestSource({ ...start, rateBps: bitrate.minBps });
  return openRtpSource({
    ...start,
    ...{ port: source.port, payloadTypes: source.payloadTypes, maxBps: bitrate.maxBps },
    ...{ rtcpTo: rtcp, onTime, takesNextPort: !otherPorts.has(source.port + 1) },
    now: () => performance.now(),
    onNews: (news) => onNews({ ...news, stream: name }),
  });
}
