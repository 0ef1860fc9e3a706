/** What every sink of a peer is to the rest of it. */

import type { Codec, Media } from '../../infra/codec/codec.ts';
import { CodedError } from '../../infra/coded-error.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import type { PlayerRtcpCounters } from './player-rtcp.ts';

/** A stream of another peer, as it is played here. */
export interface RemoteStream {
  readonly peer: PeerId;
  readonly stream: StreamName;
  readonly ssrc: number;
  readonly media: Media;
  readonly codec: Codec;
  readonly payloadType: number;
  /** Format parameters as in SDP; empty: none. */
  readonly fmtp: string;
  /** Streams of one group show the same; of them one comes at a time. */
  readonly group: StreamName | null;
}

export interface Sink {
  /**
   * Play exactly these from now on. A stream keeps its port for the life of the sink, by its peer and its name, also when it has
   * been out of the list: whoever plays it sees one stream, whatever becomes of its SSRC. Ports and files are made in the
   * background; packets that come before are not played.
   */
  setStreams(streams: readonly RemoteStream[]): void;
  /** Play an RTP packet; which stream's, its SSRC says. The bytes are copied before returning. */
  deliver(packet: Uint8Array): void;
  /**
   * Hand on a sender report of a stream, by which players keep sound and picture together, under the CNAME that all streams of its
   * owner have; empty: none is known. Other RTCP is ignored.
   */
  report(rtcp: Uint8Array, cname: string): void;
  /** Datagrams that the system refused to send. A player that is not there yet is no such case. */
  readonly failedSends: number;
  /** What players have sent back, by what became of it. */
  readonly playerRtcp: PlayerRtcpCounters;
  /** Resolves when everything asked for so far is done: ports taken, files written. */
  settled(): Promise<void>;
  /** Close all ports, remove all files. Idempotent. */
  close(): Promise<void>;
}

/**
 * A player has sent RTCP about a stream: one datagram of whole RTCP packets, checked for no more than that. It names the stream by
 * its owner's SSRC and sequence numbers, whatever the player sees. The bytes are the callee's.
 */
export type OnPlayerRtcp = (owner: PeerId, stream: StreamName, rtcp: Uint8Array) => void;

/** What a person who wants to watch has to know. */
export type SinkNews =
  /** `to` is `host:port`; `sdp` the file that opens all streams of the peer. `stream` may name a group. */
  | {
      readonly type: 'sink.opened';
      readonly peer: PeerId;
      readonly stream: StreamName;
      readonly to: string;
      readonly sdp: string;
    }
  | { readonly type: 'sink.closed'; readonly peer: PeerId; readonly stream: StreamName }
  | {
      readonly type: 'sink.failed';
      readonly peer: PeerId;
      readonly stream: StreamName;
      readonly code: SinkErrorCode;
      readonly reason: string;
    };

/** Why a sink could not do as it was told. Stable: programs switch on them. */
export type SinkErrorCode =
  /** The folder for SDP files cannot be made or written. */
  | 'sink.folder'
  /** The host of `rtp:HOST:PORT` has no address. */
  | 'sink.host'
  /** No port is left to play to. */
  | 'sink.ports'
  /** The socket could not be opened; the cause is attached. */
  | 'sink.socket';

/** A failure of a sink, with a stable `code` and a message that says what to do. */
export class SinkError extends CodedError<SinkErrorCode> {
  override readonly name = 'SinkError';
}
