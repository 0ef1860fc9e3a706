/** How a peer enters the room. */
import { randomInt } from 'node:crypto';
import type { KeyPair } from '../../infra/stun/pair-key.ts';
import { type Member, NO_PROFILE } from '../../machines/view.ts';
import type { PeerOptions } from '../options/contract.ts';
import type { Incarnation } from '../reach/pair-keys.ts';
import { SOFTWARE, VERSION } from '../software.ts';
import { toldAtFirst } from '../uplink/upload.ts';
import { describeStreams } from './own-stream.ts';

/** Everything that others are told of it. */
export function profileOf(
  options: PeerOptions,
  self: Incarnation,
  media: Member['media'],
  { publicKey }: KeyPair,
): Member {
  const { name, compatible, oneAddress, downloadBps, wants, plain } = options;
  const told = toldAtFirst(options, compatible);
  return {
    ...NO_PROFILE,
    ...self,
    key: publicKey,
    outside: null,
    name,
    software: options.program?.software ?? SOFTWARE,
    version: options.program?.version ?? VERSION,
    compatible,
    ...(oneAddress === true ? { oneAddress } : {}),
    media,
    streams: describeStreams(options.streams, options.keys.identity !== null),
    ...told,
    lendBps: compatible ? told.lendBps : 0,
    downloadBps,
    wants,
    plain,
  };
}

const EPOCHS_PER_MS = 1000;

/** Grows with every start, and two that start in one millisecond still differ. */
export function freshEpoch(): number {
  return Date.now() * EPOCHS_PER_MS + randomInt(EPOCHS_PER_MS);
}
