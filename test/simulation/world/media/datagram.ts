/** What a simulated peer sends by the media path, as its receiver reads it, and how much of a line that takes. */
import type { Reception } from '../../../../machines/forwarding/stopped-streams.ts';
import type { Kind } from '../../../../machines/messages.ts';
import type { MediaPacket } from './source.ts';

/** An RTCP packet with its UDP and IP headers, in bit, and what each further stream adds to it. */
const REPORT_BITS = 8 * (60 + 28);
const STREAM_REPORT_BITS = 8 * 28;
/** UDP and IP headers, in bit. */
export const HEADERS_BITS = 8 * 28;
/** Two hops: from the source to a relay, from the relay to a receiver. */
export const MOST_HOPS = 2;

/** How far a relay has come with a stream: the newest sequence number it got, if any. */
export interface Forwarding {
  readonly ssrc: number;
  readonly newest: number | undefined;
}

/** What a sender report says of a stream: so many packets has it sent, ever. */
interface Sent {
  readonly ssrc: number;
  readonly packets: number;
}

/** RTCP that says what has been sent, forwarded or received. */
export type Report =
  /** Of a relay to its client. */
  | { readonly kind: 'forwarding'; readonly streams: readonly Forwarding[] }
  /** Once a second to every member, as RTCP sender or receiver reports are. */
  | { readonly kind: 'report'; readonly streams: readonly Sent[]; readonly shortNtp: number }
  /** Of a receiver to the owner of streams of which one has stopped. */
  | { readonly kind: 'stopped'; readonly streams: readonly Reception[] };

export type Datagram =
  | Report
  | { readonly kind: 'media'; readonly packet: MediaPacket; readonly hops: number }
  /** A message for which packets wait; on the wire it is sealed with the key of the pair. */
  | { readonly kind: 'urgent'; readonly message: Kind; readonly text: string }
  /** A check of a pair, or its answer. */
  | { readonly kind: 'stun'; readonly bytes: Uint8Array }
  /** Other RTCP of a member; on the wire it is sealed with the key of the pair. */
  | { readonly kind: 'rtcp'; readonly bytes: Uint8Array }
  /** What has arrived (RFC 8888). */
  | { readonly kind: 'feedback'; readonly bytes: Uint8Array }
  /** Of whoever wants to know what its uplink carries. */
  | { readonly kind: 'padding'; readonly ssrc: number; readonly sequence: number; readonly bytes: number };

/** With its headers, in bit. */
export function bitsOf({ streams }: Report): number {
  return REPORT_BITS + STREAM_REPORT_BITS * Math.max(0, streams.length - 1);
}
