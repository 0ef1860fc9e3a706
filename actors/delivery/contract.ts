/** Whether media arrives, and what is said where it does not: at both ends, within three seconds. */
import type { DropReason } from '../../infra/path/contract.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import type { SealRefusal } from '../media/sealing/sealing.ts';
import type { RejectReason } from '../source/contract.ts';

/** Nothing for so long is no accident: three reports in a row, or three seconds of media. In ms. */
export const MISSING_AFTER_MS = 3000;
/** From this share of packets on, people see that they are lost. */
export const HEAVY_LOSS = 0.2;

/**
 * Why a stream of another does not come. `silence`: nothing at all comes from that peer. `stopped`: the peer says itself that it
 * sends nothing of it. `lost`: it sends, and nothing arrives. `loss`: much of it is lost on the way.
 */
export type MissingCause = 'silence' | 'stopped' | 'lost' | 'loss';

/**
 * Why an own stream does not get to a receiver. `silence`: nothing at all comes from that peer. `lost`: its reports come, and name
 * nothing new of the stream. `loss`: they say that much of it is lost.
 */
export type UndeliveredCause = 'silence' | 'lost' | 'loss';

export type DeliveryNews =
  /** `address` is the peer's, `host:port`; `loss` is told where that is the cause, 0..1. */
  | {
      readonly type: 'media.missing';
      readonly peer: PeerId;
      readonly stream: StreamName;
      readonly cause: MissingCause;
      readonly address: string;
      readonly loss?: number;
    }
  | { readonly type: 'media.arrives'; readonly peer: PeerId; readonly stream: StreamName }
  | {
      readonly type: 'media.undelivered';
      readonly peer: PeerId;
      readonly stream: StreamName;
      readonly cause: UndeliveredCause;
      readonly address: string;
      readonly loss?: number;
    }
  | { readonly type: 'media.delivered'; readonly peer: PeerId; readonly stream: StreamName }
  /** The program that feeds an own stream sends nothing any more. */
  | { readonly type: 'program.stopped'; readonly stream: StreamName }
  | { readonly type: 'program.resumed'; readonly stream: StreamName }
  /** Datagrams that were not used, by reason: how many since this was told last. */
  | { readonly type: 'packets.dropped'; readonly reasons: Readonly<Partial<Record<DroppedBecause, number>>> };

/**
 * `kernel`: they came faster than they were read. `program…`: a program of this machine sent them to the port of a source. `sealed…`: they
 * came of members, or were to be sealed for them.
 */
export type DroppedBecause =
  | DropReason
  | 'kernel'
  | `sealed${Capitalize<SealRefusal>}`
  | `program${Capitalize<RejectReason>}`;
