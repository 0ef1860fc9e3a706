/** What every source of a peer is to the rest of it: each feeds one stream. */
import type { StreamName } from '../../machines/messages.ts';

/** One UDP payload of the stream. It is only valid during the call: copy what must outlive it. */
export type SendPacket = (packet: Uint8Array) => void;

/** Totals that only grow. */
export interface SourceCounters {
  readonly packets: number;
  /** UDP payload: RTP header included. */
  readonly bytes: number;
  /** RTCP of a program. */
  readonly reports: number;
  /** Datagrams of a program that were not used, by reason. */
  readonly rejected: Readonly<Record<RejectReason, number>>;
  /** Those of `otherPayload`, by payload type: at most 128. */
  readonly otherPayloads: ReadonlyMap<number, number>;
}

/**
 * Why a program's datagram was not used. `otherStream`: a second program or SSRC while the first still runs; one port feeds one
 * stream. `otherPayload`: the stream is another payload type. `empty`: it carries nothing, as what keeps a NAT open (RFC 6263) or
 * tries what a network bears. `late`: it comes from before a new start.
 */
export type RejectReason = 'notRtp' | 'tooLong' | 'otherStream' | 'otherPayload' | 'empty' | 'late';
/** What a person is told of, whatever its payload type. */
export type RejectFault = Exclude<RejectReason, 'otherPayload' | 'empty' | 'late'>;

/** Of a source that has got nothing. */
export const NOTHING_REJECTED: Readonly<Record<RejectReason, number>> = {
  ...{ notRtp: 0, tooLong: 0, otherStream: 0, otherPayload: 0, empty: 0, late: 0 },
};

/**
 * What becomes of a request for a key frame at the source. `needless`: it is all key frames, or there is nothing to show.
 * `unreachable`: nobody knows where to ask the program.
 */
export type SourceAnswer = 'asked' | 'needless' | 'unreachable';

export interface Source {
  /** What it sends, in bit/s of UDP payload; null where a program decides. */
  readonly rateBps: number | null;
  /** The rate that it should have from now on, in bit/s; 0: nobody receives it. The test source follows; a program has to be told. */
  setRate(rateBps: number): void;
  /** Ask for a key frame: somebody cannot show the stream without one. */
  requestKeyFrame(): SourceAnswer;
  counters(): SourceCounters;
  /** What it has sent over the last two seconds, in bit/s of UDP payload. */
  measuredBps(): number;
  /** Stop sending, give the port back. Idempotent. */
  close(): Promise<void>;
}

/** What a person who feeds a source wants to know. */
export type SourceNews =
  /** A program may send RTP to this UDP port of 127.0.0.1 (and of ::1, where the machine has it). */
  | { readonly type: 'source.listening'; readonly port: number }
  /** A stream has begun, or begun anew; `from` is `host:port`, `ssrc` the program's. */
  | { readonly type: 'source.started'; readonly from: string; readonly ssrc: number }
  | { readonly type: 'source.rejected'; readonly from: string; readonly reason: RejectFault }
  | (PayloadTypeNews & { readonly type: 'source.rejected'; readonly reason: 'otherPayload' })
  /** Nothing but this payload type comes, and the stream was declared as another. */
  | (PayloadTypeNews & { readonly type: 'source.mismatched' })
  /** Key pictures come without the parameter sets of their `codec`, which never came: nobody can decode the stream. */
  | { readonly type: 'source.undecodable'; readonly codec: string }
  /** The program sends more than was declared, or no more than that again: the room is to plan with `mostBps`. All in bit/s. */
  | {
      readonly type: 'source.remeasured';
      readonly measuredBps: number;
      readonly mostBps: number;
      readonly declaredBps: number;
    }
  /** The program sends more than there is room for, both in bit/s: what is above that will be lost. */
  | { readonly type: 'source.exceeded'; readonly measuredBps: number; readonly limitBps: number };

interface PayloadTypeNews {
  readonly from: string;
  /** What comes, and what the stream is. */
  readonly payloadType: number;
  readonly declared: number;
}

/** The same, with the stream that the source feeds. */
export type StreamSourceNews = (SourceNews | KeyFrameNews) & { readonly stream: StreamName };

/** What feeds the stream sends no key frame when it is asked: who joins late waits for the next one. */
export interface KeyFrameNews {
  readonly type: 'source.no-key-frame';
  readonly stream: StreamName;
  /** `unreachable`: it sends no RTCP, so nobody knows where to ask it. */
  readonly reason: 'unanswered' | 'unreachable';
}
