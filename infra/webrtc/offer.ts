/** What a page offers: one transport for all, and its m-lines (RFC 8829 section 5.2.1). */
import type { Media } from '../codec/codec.ts';
import { type OfferedFormat, offeredFormats } from './offered-formats.ts';
import { attributeOf, invalid, readBlocks, type SdpBlock, type SdpBlocks, unsupported } from './sdp-blocks.ts';
import { offeredRids } from './simulcast.ts';

export interface IceCredentials {
  readonly ufrag: string;
  readonly password: string;
}

/** Of a certificate (RFC 8122 section 5). */
export interface Fingerprint {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly value: Buffer;
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface OfferedMedia {
  readonly mid: string;
  /** `application` (data channels) and others are always rejected. */
  readonly kind: Media | 'other';
  /** The whole of the m-line but its port, to say it back. */
  readonly type: string;
  readonly protocolAndFormats: string;
  /** Whether it goes over the common transport. One that does not is switched off, or would need a transport of its own. */
  readonly bundled: boolean;
  readonly direction: Direction;
  readonly formats: readonly OfferedFormat[];
  /** Layers that the page would send. */
  readonly rids: readonly string[];
  /** Numbers of the header extensions (RFC 8285) by their URIs. */
  readonly extensions: ReadonlyMap<string, number>;
}

export interface Offer {
  readonly ice: IceCredentials;
  readonly fingerprint: Fingerprint;
  readonly media: readonly OfferedMedia[];
  /** The one that the transport's parameters stand in: it cannot be rejected without all others (RFC 9143 section 7.3.3). */
  readonly taggedMid: string;
  /** Whether the browser takes a candidate of loopback. Firefox does not, and says in the origin (RFC 8866 section 5.2) who it is. */
  readonly takesLoopback: boolean;
}

/** `o=mozilla...THIS_IS_SDPARTA-99.0 5 0 IN IP4 0.0.0.0`, whatever the version. */
const FIREFOX_ORIGIN = /^o=mozilla/m;
const HEAD = /^(?<type>[a-z]{1,16}) (?<port>\d{1,5}) (?<rest>(?<protocol>[A-Z/]{1,32})(?: [!-~]+)+)$/;
/** RTP over DTLS-SRTP over UDP (RFC 5764); the second is an older name of the same. */
const PROTOCOLS = new Set(['UDP/TLS/RTP/SAVPF', 'RTP/SAVPF']);
/** A token of which the header extension can tell 16 bytes at most (RFC 8285 section 4.2). */
const MID = /^[A-Za-z0-9_-]{1,16}$/;
/** RFC 8839 section 5.4. */
const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PASSWORD = /^[A-Za-z0-9+/]{22,256}$/;
const FINGERPRINT = /^(?<hash>sha-(?:256|384|512)) (?<value>(?:[0-9A-F]{2}:){31,63}[0-9A-F]{2})$/i;
const HASH_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;
/** 15 means something else (RFC 8285 section 4.2), and more would need another form that is not agreed on. */
const EXTENSION = /^(?<number>[1-9]|1[0-4])(?:\/[a-z]+)? (?<uri>[!-~]{1,256})$/;
const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** @throws {WebRtcError} `offer.invalid`, `offer.unsupported` */
export function readOffer(text: string): Offer {
  const blocks = readBlocks(text);
  const group = bundleOf(blocks);
  const media = blocks.media.map((block, index) => mediaOf(block, index, group));
  const [taggedMid] = group;
  const tagged = blocks.media[media.findIndex(({ mid }) => mid === taggedMid)];
  if (new Set(media.map(({ mid }) => mid)).size !== media.length) throw invalid('two m-lines have the same mid');
  if (taggedMid === undefined || tagged === undefined)
    throw invalid('its BUNDLE group names an m-line that is not there');
  if (group.some((mid) => !media.some((each) => each.mid === mid))) {
    throw invalid('its BUNDLE group names an m-line that is not there');
  }
  const setup = transportAttribute(blocks, tagged, 'setup');
  if (setup !== 'actpass' && setup !== 'active') throw unsupported('the page has to begin the DTLS handshake');
  for (const { mid } of media.filter(({ bundled, kind }) => bundled && kind !== 'other')) requireMux(blocks, mid);
  return {
    ...{ ice: iceOf(blocks, tagged), fingerprint: fingerprintOf(blocks, tagged), media, taggedMid },
    takesLoopback: !FIREFOX_ORIGIN.test(text),
  };
}

/** Of the one group there may be. */
function bundleOf({ session }: SdpBlocks): readonly string[] {
  const groups = (session.attributes.get('group') ?? []).map((value) => value.split(' '));
  const bundles = groups.filter(([semantics]) => semantics === 'BUNDLE');
  const [bundle] = bundles;
  if (bundle === undefined || bundle.length < 2) throw unsupported('its m-lines are not bundled');
  if (bundles.length > 1) throw unsupported('it has more than one BUNDLE group');
  return bundle.slice(1);
}

function mediaOf(block: SdpBlock, index: number, group: readonly string[]): OfferedMedia {
  const where = `m-line ${index}`;
  const { type, rest, protocol } = HEAD.exec(block.head)?.groups ?? {};
  if (type === undefined || rest === undefined) throw invalid(`${where} is not MEDIA PORT PROTOCOL FORMATS`);
  const mid = attributeOf(block, 'mid');
  if (mid === undefined || !MID.test(mid)) throw invalid(`${where} has no mid of 1 to 16 letters and digits`);
  const isMedia = (type === 'audio' || type === 'video') && PROTOCOLS.has(protocol ?? '');
  const formats = isMedia ? offeredFormats(block, rest.split(' ').slice(1), where) : [];
  return {
    ...{ mid, type, formats, kind: isMedia ? type : 'other', protocolAndFormats: rest, bundled: group.includes(mid) },
    ...{
      direction: directionOf(block),
      rids: isMedia ? offeredRids(block, where) : [],
      extensions: extensionsOf(block),
    },
  };
}

function directionOf({ attributes }: SdpBlock): Direction {
  return DIRECTIONS.find((direction) => attributes.has(direction)) ?? 'sendrecv';
}

function extensionsOf(block: SdpBlock): ReadonlyMap<string, number> {
  const found = (block.attributes.get('extmap') ?? []).flatMap((value) => {
    const { number, uri } = EXTENSION.exec(value)?.groups ?? {};
    return uri === undefined ? [] : [[uri, Number(number)] as const];
  });
  return new Map(found);
}

/** What the m-line says of the transport or, if it says nothing, the session. */
function transportAttribute({ session }: SdpBlocks, block: SdpBlock, name: string): string | undefined {
  return attributeOf(block, name) ?? attributeOf(session, name);
}

function requireMux({ media }: SdpBlocks, mid: string): void {
  const block = media.find((each) => attributeOf(each, 'mid') === mid);
  if (!block?.attributes.has('rtcp-mux')) throw unsupported(`m-line with mid ${mid} does not have rtcp-mux`);
}

function iceOf(blocks: SdpBlocks, tagged: SdpBlock): IceCredentials {
  const ufrag = transportAttribute(blocks, tagged, 'ice-ufrag');
  const password = transportAttribute(blocks, tagged, 'ice-pwd');
  if (ufrag === undefined || password === undefined || !UFRAG.test(ufrag) || !PASSWORD.test(password)) {
    throw invalid('it has no proper ice-ufrag and ice-pwd');
  }
  return { ufrag, password };
}

/** The strongest that it tells: all are of the same certificate. */
function fingerprintOf({ session }: SdpBlocks, tagged: SdpBlock): Fingerprint {
  const values = tagged.attributes.get('fingerprint') ?? session.attributes.get('fingerprint') ?? [];
  const known = values.flatMap((text) => {
    const { hash, value } = FINGERPRINT.exec(text)?.groups ?? {};
    if (hash === undefined || value === undefined) return [];
    const fingerprint = { hash: hash.toLowerCase().replace('-', '') as Fingerprint['hash'], value: bytesOf(value) };
    return fingerprint.value.length === HASH_BYTES[fingerprint.hash] ? [fingerprint] : [];
  });
  const [strongest] = known.sort((one, other) => other.value.length - one.value.length);
  if (strongest === undefined) throw invalid('it has no fingerprint by SHA-256, SHA-384 or SHA-512');
  return strongest;
}

function bytesOf(value: string): Buffer {
  return Buffer.from(value.replaceAll(':', ''), 'hex');
}
