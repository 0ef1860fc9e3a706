/** Tells of dropped datagrams now and then: at once when it begins, and no more than every ten seconds while it goes on. */
import { DROP_REASONS, type PathCounters } from '../../infra/path/contract.ts';
import type { SealRefusal } from '../media/sealing/sealing.ts';
import type { RejectReason, SourceCounters } from '../source/contract.ts';
import type { DeliveryNews, DroppedBecause } from './contract.ts';

const TOLD_EVERY_MS = 10_000;

/** What is dropped for each reason; reasons with nothing are left out. */
export type Drops = Readonly<Partial<Record<DroppedBecause, number>>>;

/**
 * @param rejected by each source of the call
 * @param sealed of what came sealed, or was to be
 */
export function dropsOf(
  { dropped, kernelDrops }: Pick<PathCounters, 'dropped' | 'kernelDrops'>,
  rejected: readonly SourceCounters['rejected'][],
  sealed: Readonly<Record<SealRefusal, number>>,
): Drops {
  const sum = (reason: RejectReason) => rejected.reduce((all, { [reason]: packets }) => all + packets, 0);
  const all: readonly (readonly [DroppedBecause, number])[] = [
    ...DROP_REASONS.map((reason) => [reason, dropped[reason]] as const),
    ['kernel', kernelDrops],
    ['sealedMalformed', sealed.malformed],
    ['sealedNotAuthentic', sealed.notAuthentic],
    ['sealedReplayed', sealed.replayed],
    ['sealedNoKey', sealed.noKey],
    ['sealedRtcp', sealed.rtcp],
    ['sealedRepeated', sealed.repeated],
    ['programNotRtp', sum('notRtp')],
    ['programTooLong', sum('tooLong')],
    ['programOtherStream', sum('otherStream')],
    ['programOtherPayload', sum('otherPayload')],
    ['programEmpty', sum('empty')],
    ['programLate', sum('late')],
  ];
  return Object.fromEntries(all.filter(([, packets]) => packets > 0));
}

export class DropWatch {
  #told: Drops = {};
  #toldMs = Number.NEGATIVE_INFINITY;

  observe(drops: Drops, nowMs: number): DeliveryNews[] {
    if (nowMs - this.#toldMs < TOLD_EVERY_MS) return [];
    const before = new Map<string, number>(Object.entries(this.#told));
    const grown = Object.entries(drops).map(
      ([reason, packets]) => [reason, packets - (before.get(reason) ?? 0)] as const,
    );
    const reasons = Object.fromEntries(grown.filter(([, packets]) => packets > 0));
    this.#told = drops;
    if (Object.keys(reasons).length === 0) return [];
    this.#toldMs = nowMs;
    return [{ type: 'packets.dropped', reasons }];
  }
}

const WORDS: Readonly<Record<DroppedBecause, string>> = {
  tooShort: 'too short',
  tooLong: 'too long',
  badVersion: 'not RTP',
  unknownSsrc: 'of no known stream',
  unknownAddress: 'from an address that has no business with its stream',
  overLimit: 'over what was promised to relay',
  aboveRate: 'of ours above the rate that is planned',
  sendBufferFull: 'because the send buffer was full',
  sinkBehind: 'because the player was behind',
  unreachable: 'because the receiver could not be reached',
  stunFlood: 'of more connectivity checks than anybody needs',
  kernel: 'because they came faster than they were read',
  sealedMalformed: 'that are too short to be sealed',
  sealedNotAuthentic: 'forged, or changed on the way',
  sealedReplayed: 'that had come before',
  sealedNoKey: 'whose key has not come',
  sealedRtcp: 'of RTCP that is not its sender’s, or had come before',
  sealedRepeated: 'of ours under a number that they had before',
  programNotRtp: 'of a program that are not RTP',
  programTooLong: 'of a program that are too long',
  programOtherStream: 'of a program beside the one that runs',
  programOtherPayload: 'of a program that have another payload type',
  programEmpty: 'of a program that carry nothing',
  programLate: 'of a program that came after its new start',
};

/** `12 of no known stream, 3 too long`; empty where there are none. */
export function dropsText(drops: Drops): string {
  const words = new Map<string, string>(Object.entries(WORDS));
  return Object.entries(drops)
    .map(([reason, packets]) => `${packets} ${words.get(reason) ?? reason}`)
    .join(', ');
}
