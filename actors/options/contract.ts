/** What a peer can be told to do on its command line, as types. */

import type { Codec, Media } from '../../infra/codec/codec.ts';
import type { NatsFiles } from '../../infra/nats/files.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { PlainPolicy, StreamName, Wants } from '../../machines/messages.ts';
import type { Latency } from '../media/repair/patience.ts';
import type { ProbeChoice } from '../uplink-report/agreed.ts';
import type { KeyChoice, RawKeyOptions } from './keys.ts';
import type { RawNatsOptions } from './nats.ts';
import type { RawReachOptions } from './reach.ts';

/** What feeds a stream. */
export type SourceSpec =
  /** Packets made here, at exactly the rate. */
  | { readonly kind: 'test' }
  /**
   * RTP of any program on this machine, taken on this UDP port; 0: any free one. Its payload type is the format's where that was
   * `declared`, and else `any` that the program chooses.
   */
  | { readonly kind: 'rtp'; readonly port: number; readonly payloadTypes: 'declared' | 'any' };

/** Where a peer plays what others show. */
export type SinkSpec =
  | { readonly kind: 'none' }
  /** The first remote stream goes to `to`, the next to the port two above, and so on. `host` may be a name. */
  | { readonly kind: 'rtp'; readonly to: Endpoint; readonly sdpFolder: string }
  /** Each remote stream goes to a free port of this machine. */
  | { readonly kind: 'sdp'; readonly sdpFolder: string };

/** The format of an own stream. */
export interface StreamFormat {
  readonly codec: Codec;
  readonly media: Media;
  readonly payloadType: number;
  /** Format parameters as in SDP; empty: none. */
  readonly fmtp: string;
}

/** bit/s; the two are equal where the rate is fixed. */
export interface Bitrate {
  readonly minBps: number;
  readonly maxBps: number;
}

/** A stream that the peer publishes. */
export interface OwnStream {
  /** Unique among the peer's streams. */
  readonly name: StreamName;
  readonly source: SourceSpec;
  readonly format: StreamFormat;
  readonly bitrate: Bitrate;
  /** Streams of one group show the same; null: shows what no other does. */
  readonly group: StreamName | null;
  /** Of the group, the higher the more bit/s; 0 without one. */
  readonly layer: number;
  /** Where the program that feeds it takes RTCP; left out: where its own comes from. */
  readonly rtcp?: Endpoint;
}

/** Which addresses others are told: all, none of the own networks, or only the one at a TURN server. */
export type CandidateChoice = 'all' | 'no-lan' | 'relay';

/** A TURN server, and who we are to it. */
export interface TurnAccount {
  /** `host` may be a name. */
  readonly server: Endpoint;
  readonly username: string;
  readonly password: string;
}

/** By what means others shall reach the peer. */
export interface ReachChoice {
  /** Asked for the address that others see us at; hosts may be names. */
  readonly stun: readonly Endpoint[];
  readonly turn: TurnAccount | null;
  /** Whether the router is asked to forward the media port. */
  readonly portMapping: boolean;
  /** `relay` only where there is a TURN server. */
  readonly candidates: CandidateChoice;
}

/** How a phone gets here. */
export interface PhoneChoice {
  /** Where SIP is taken, over UDP and TCP; port 0: any. */
  readonly listen: Endpoint;
  /** Whom to call, `sip:user@host`; null: whoever calls is waited for. */
  readonly dial: string | null;
  /** Where to be known, and as whom, `sip:user@host`; null: nowhere. */
  readonly register: string | null;
  /** What callers have to know, and what is answered where we are asked; null: anybody may call. */
  readonly password: string | null;
}

export interface PeerOptions {
  readonly id: string;
  /** How people call whoever this is; empty: by the id. */
  readonly name: string;
  readonly room: string;
  readonly keys: KeyChoice;
  /** Which plain endpoints get our streams. */
  readonly plain: PlainPolicy;
  /** The NATS server that was given; null: the one shared on this machine. */
  readonly nats: string | null;
  /** Credentials and certificates for it. */
  readonly natsFiles: NatsFiles;
  /** What the uplink carries at most, in bit/s: believed until the line shows that it carries less; null: it is measured. */
  readonly uploadBps: number | null;
  /** How much of the upload others may use at most, in bit/s; null: all of it. */
  readonly lendBps: number | null;
  /** How much of the upload the peer lets itself use, 0..1. */
  readonly headroom: number;
  /** Where to take RTP and RTCP; null: as the NATS server's place suggests. */
  readonly listen: Endpoint | null;
  /** The address that others are told, a literal; null: as `listen` suggests. */
  readonly advertise: string | null;
  readonly reach: ReachChoice;
  /** What the peer shows; none for one that only receives. */
  readonly streams: readonly OwnStream[];
  /** What it wants to receive. */
  readonly wants: Wants;
  /** What it can receive, in bit/s; null: no matter. */
  readonly downloadBps: number | null;
  readonly sink: SinkSpec;
  /** How long what is played waits for a packet that is missing. */
  readonly latency: Latency;
  /** Speaks RPR; false: a plain RTP endpoint. */
  readonly compatible: boolean;
  /** A plain RTP endpoint that ties a stream to the address that it comes from first. Left out: it does not. */
  readonly oneAddress?: boolean;
  /** The line is measured for its own sake, with whoever has agreed; left out: as the room needs. */
  readonly probes?: ProbeChoice;
  /** A phone takes part as this peer, in the room that it dials; left out: no phone. */
  readonly phone?: PhoneChoice;
  /** What others are told of the program that takes part; left out: what this one is. */
  readonly program?: { readonly software: string; readonly version: string };
  /** One JSON line per event, and no table. */
  readonly json: boolean;
  /** Tell the machines' transitions to whoever listens. */
  readonly inspect: boolean;
  /** null: the best that runs here. */
  readonly packetPath: 'batched' | 'dgram' | null;
  /** Obey this sender on the bus, and wait for its word to join. */
  readonly controller: string | null;
}

/** As commander leaves what all commands that join a call have: each has gone through its parser. */
export interface RawSharedOptions extends RawNatsOptions, RawReachOptions, RawKeyOptions {
  readonly name: string;
  readonly room: string;
  readonly upload: number | 'auto';
  readonly lend?: number;
  readonly headroom: number;
  readonly listen?: Endpoint;
  readonly advertise?: string;
  readonly download?: number;
  readonly sink: RawSink;
  readonly latency: Latency;
  readonly sdpDir?: string;
  readonly json?: true;
  readonly inspect?: true;
  readonly packetPath?: 'batched' | 'dgram';
  readonly controller?: string;
}

/** The same of a peer. */
export interface RawOptions extends RawSharedOptions {
  readonly id: string;
  /** Left out: a test stream. */
  readonly source?: readonly RawSource[];
  readonly bitrate: Bitrate;
  readonly codec: Codec;
  readonly media?: Media;
  /** Left out: the usual one, which nobody has declared. */
  readonly payloadType?: number;
  readonly want: Wants;
  readonly rpr: boolean;
  readonly oneAddress?: boolean;
  readonly sip?: Endpoint;
  readonly dial?: string;
  readonly sipPassword?: string;
  readonly register?: string;
}

/** One value of `--source`: what it leaves out is told by options of their own. */
export type RawSource = { readonly kind: 'none' } | RawStream;

/** As it is told, what it means for the payload type is seen later. */
export type RawSourceSpec =
  | { readonly kind: 'test' }
  | { readonly kind: 'rtp'; readonly port: number }
  /** The streams of a program's SDP file. */
  | { readonly kind: 'sdp'; readonly file: string };

export interface RawStream extends Partial<Omit<StreamFormat, 'media'>> {
  readonly kind: 'stream';
  readonly source: RawSourceSpec;
  readonly name?: StreamName;
  readonly media?: Media;
  readonly bitrate?: Bitrate;
  readonly group?: StreamName;
  readonly layer?: number;
  readonly rtcp?: Endpoint;
}

export type RawSink = Exclude<SinkSpec, { kind: 'rtp' }> | { readonly kind: 'rtp'; readonly to: Endpoint };
