/**
 * What the call page's gateway is to those who use it.
 *
 * The page always offers and the gateway always answers, as ICE-lite and DTLS server, with all media on one UDP socket (BUNDLE,
 * RFC 9143; rtcp-mux, RFC 8858) that takes in what comes from this machine alone. Media is passed on as it is: decrypted RTP packets go up, RTP packets that are ready to be
 * sent come down.
 */
import type { Media } from '../codec/codec.ts';

/** A codec that may be answered. */
export interface LinkCodec {
  /** As in `rtpmap`: `VP8/90000`, `opus/48000/2`. */
  readonly codec: string;
  /**
   * Parameters that the offer must have with these values, `packetization-mode=1;profile-level-id=42e01f`; empty: any. Of
   * `profile-level-id` only the profile counts, since the level is no promise of the other end (RFC 6184 section 8.2.2).
   */
  readonly fmtp: string;
}

/** A payload type of the page whose codec was accepted. */
export interface LinkFormat {
  readonly payloadType: number;
  /** As in {@link LinkCodec.codec}. */
  readonly codec: string;
  /** As the page offered it; empty: none. */
  readonly fmtp: string;
}

interface AnsweredMedia {
  /** Names the m-line for the life of the link. */
  readonly mid: string;
  readonly kind: Media;
  /** The best first; of what the page sends one. */
  readonly formats: readonly LinkFormat[];
}

/** An m-line on which the page sends. */
export interface SentMedia extends AnsweredMedia {
  readonly direction: 'send';
  /** Simulcast (RFC 8853): the layers that the page sends, in the order of the offer; empty: one encoding without a name. */
  readonly rids: readonly string[];
}

/** An m-line on which the page receives: a slot. The n-th of sound and the n-th of pictures are played in step (one `msid`). */
export interface ReceivedMedia extends AnsweredMedia {
  readonly direction: 'receive';
  /** The SSRC that the page expects there. Random, and the same for the life of the link. */
  readonly ssrc: number;
}

/** One m-line of the offer as it was answered. Those that are rejected or inactive are none. */
export type LinkMedia = SentMedia | ReceivedMedia;

/** `closed` is the last: by {@link WebRtcLink.close}, by the page, or because nothing has been heard of it for 30 s. */
export type LinkState = 'connecting' | 'connected' | 'closed';

export interface WebRtcLinkOptions {
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  /** What may be answered, the best first. */
  readonly codecs: readonly LinkCodec[];
  /** Under which all that is sent to the page is one source (RFC 7022). */
  readonly cname: string;
  /**
   * An RTP packet of the page without its header extensions, and on which m-line and layer it came (`rid` null: not simulcast). The
   * bytes are valid during the call only.
   */
  readonly onRtp: (packet: Uint8Array, mid: string, rid: string | null) => void;
  /** A compound RTCP packet of the page. The bytes are valid during the call only. */
  readonly onRtcp: (packet: Uint8Array) => void;
  /** Never called from within {@link WebRtcLink.open} or {@link WebRtcLink.answer}. */
  readonly onState: (state: LinkState) => void;
}

/** What came of datagrams. All but the first six were dropped. */
export const LINK_COUNTERS = [
  'stunIn',
  'dtlsIn',
  'rtpIn',
  'rtcpIn',
  'rtpOut',
  'rtcpOut',
  /** Came from another machine, when nobody may send yet, or from an address whose checks have not been answered. */
  'fromElsewhere',
  /** Neither STUN nor DTLS nor RTP (RFC 7983). */
  'notOurs',
  /** STUN that is no check, or one without the password. */
  'stunRefused',
  /** DTLS that cannot be read, or that came too often. */
  'dtlsRefused',
  /** RTP or RTCP that was changed on the way, or was never from the page. */
  'notAuthentic',
  'replayed',
  /** Of an SSRC that has not said of which m-line it is, or of a retransmission stream that nobody asked for. */
  'unknownSsrc',
  /** Given to be sent before the page is connected, or no RTP. */
  'notSent',
] as const;
export type LinkCounter = (typeof LINK_COUNTERS)[number];
export type LinkCounters = Readonly<Record<LinkCounter, number>>;
