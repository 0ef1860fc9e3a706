/** What a scenario is made of: who takes part, what happens, and what must be seen at the end. All rates are bit/s. */
import type { PeerId, StreamName } from '../../machines/messages.ts';
import type { SiteKind } from '../network/lab.ts';
import type { PhoneProgram } from '../phone/programs/video-phone.ts';

/** The first stream of every peer, which is all that most show. */
export const CAMERA: StreamName = 'camera';

/** What a peer shows beside its camera. */
export interface StreamSpec {
  readonly name: StreamName;
  readonly media: 'audio' | 'video';
  /** Equal values are a fixed rate. */
  readonly bitrate: { readonly minBps: number; readonly maxBps: number };
}

export interface PeerSpec {
  readonly id: PeerId;
  readonly uploadBps: number;
  /** How much of the upload others may use; all of it where it is left out. */
  readonly lendBps?: number;
  /** How much of the upload the peer uses at most, in percent; 95 where it is left out. */
  readonly headroom?: number;
  /** `false`: a plain RTP endpoint. Default `true`. */
  readonly compatible?: boolean;
  /** Rates of the camera; equal values are a fixed rate. */
  readonly bitrate: StreamSpec['bitrate'];
  readonly beside?: readonly StreamSpec[];
  /**
   * Of the camera. `test`: packets made by the peer. `video`: a VP8 stream that ffmpeg encodes. `page`: `rpr call`, whose page in a
   * browser shows camera and voice at rates of its own, and plays the others. Default `test`.
   */
  readonly source?: 'test' | 'video' | 'page';
  /** Of a `video` source: this `RRGGBB` with a mark that moves, instead of ffmpeg's test picture. */
  readonly colour?: string;
  /** A SIP phone takes part as this peer, and dials the room so that it sees this one. It has neither source nor sink of its own. */
  readonly phoneSees?: PeerId;
  /** Which phone. Default: baresip. */
  readonly phone?: PhoneProgram;
  /** `recorded`: what the peer plays of the video is decoded, frame by frame. */
  readonly sink?: 'recorded';
}

/** A peer by its name, or by what it does at that moment. */
export type Who = PeerId | { readonly relayOf: PeerId };

/** Something that happens. The room settles before the next one. */
export type Step =
  | { readonly do: 'join'; readonly peers: readonly PeerId[] }
  /** The peer goes in good order. */
  | { readonly do: 'leave'; readonly peer: Who }
  /** The peer's process gets SIGKILL. */
  | { readonly do: 'kill'; readonly peer: Who }
  | { readonly do: 'upload'; readonly peer: Who; readonly uploadBps: number };

/** What a scenario is about, besides what holds for all: every pair served, nobody above its upload. */
export type Expectation =
  /** The peer ran out of upload, asked, and reaches others through a relay. */
  | { readonly see: 'relayed'; readonly peer: PeerId }
  /** The receiver gets the source through a relay. */
  | { readonly see: 'relayedTo'; readonly source: PeerId; readonly receiver: PeerId }
  /** The peer has been sent no message of RPR's own. */
  | { readonly see: 'leftAlone'; readonly peer: PeerId }
  /** From before the last leave until after it, nobody who stays misses a packet of the source. */
  | { readonly see: 'handedOver'; readonly source: PeerId }
  /** After the last kill the source reached all its receivers again by itself. */
  | { readonly see: 'recovered'; readonly source: PeerId }
  /** Every voice reaches everybody whole, directly or over one relay. */
  | { readonly see: 'voicesWhole' }
  /** From before the last change of an upload until the room has settled on it, nobody misses a packet of any voice. */
  | { readonly see: 'voicesKept' }
  /** Every stream runs at the rate that a plan made afresh from everybody's upload gives it. */
  | { readonly see: 'plannedRates' }
  /** After every step that follows its joining, and at the end, the phone of this peer shows the picture of the source, and it moves. */
  | { readonly see: 'phoneShows'; readonly peer: PeerId; readonly source: PeerId }
  /** The phone of this peer reports by RTCP that it gets its picture and its sound, and that nothing of them is lost that came to the peer. */
  | { readonly see: 'phoneLosesNothing'; readonly peer: PeerId }
  /** In every page the pictures of all others that have one move. */
  | { readonly see: 'decoded' }
  /** Relayed video decodes to the frames that direct video decodes to. */
  | { readonly see: 'sameFrames'; readonly source: PeerId };

/** Whether the peer is one with a page in a browser. */
export function hasPage({ source }: PeerSpec): boolean {
  return source === 'page';
}

export function hasPhone({ phoneSees }: PeerSpec): boolean {
  return phoneSees !== undefined;
}

/** What the phone of this peer dials. @param address of its gateway, `HOST:PORT` */
export function dialled({ phoneSees }: PeerSpec, room: string, address: string): string {
  return `sip:${room}${phoneSees === undefined ? '' : `.${phoneSees}`}@${address}`;
}

export type Sites = Readonly<Record<PeerId, SiteKind>>;

/** All that a peer shows, its camera first. */
export function streamsOf({ bitrate, beside = [] }: PeerSpec): StreamSpec[] {
  return [{ name: CAMERA, media: 'video', bitrate }, ...beside];
}

export interface Scenario {
  /** What `npm run demo -- NAME` takes. */
  readonly name: string;
  /** One line for `--list`. */
  readonly title: string;
  readonly peers: readonly PeerSpec[];
  /** Where each peer sits in a network lab, which needs root. Left out: all are on this machine's loopback. */
  readonly sites?: Sites;
  readonly steps: readonly Step[];
  readonly expect: readonly Expectation[];
}
