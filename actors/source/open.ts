/** Opens the source that the command line asks for. */
import { randomInt } from 'node:crypto';
import type { SourceFormat, SourceSpec } from '../options/contract.ts';
import type { SendPacket, Source, SourceNews } from './contract.ts';
import { openRtpSource } from './rtp-source.ts';
import { startTestSource } from './test-source.ts';

export interface OpenSourceOptions {
  /** Unique in the room. */
  readonly ssrc: number;
  readonly format: SourceFormat;
  /** The rate to begin with, in bit/s; a program has its own. */
  readonly rateBps: number;
  readonly send: SendPacket;
  readonly onNews: (news: SourceNews) => void;
}

/**
 * Starts to send; null for a peer that shows nothing.
 *
 * @throws {PathError} `port.in-use`, `port.forbidden`, `socket.failed`
 */
export async function openSource(spec: SourceSpec, options: OpenSourceOptions): Promise<Source | null> {
  if (spec.kind === 'none') return null;
  const start = { ...options, firstSequence: randomInt(2 ** 16), firstTimestamp: randomInt(2 ** 32) };
  if (spec.kind === 'test') return startTestSource(start);
  return openRtpSource({ ...start, port: spec.port, now: () => performance.now() });
}
