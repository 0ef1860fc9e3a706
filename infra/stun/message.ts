/** What STUN messages say (RFC 8489), those of TURN included (RFC 8656), and the numbers that stand for it on the wire. */
import type { Endpoint } from '../path/contract.ts';

export const HEADER_BYTES = 20;
/** Type and length. The value follows, filled up to a multiple of four bytes (RFC 8489 section 14). */
export const ATTRIBUTE_HEAD_BYTES = 4;
/** RFC 8489 section 5. It is what tells STUN from everything else that begins with two zero bits. */
export const MAGIC_COOKIE = 0x2112_a442;
/** What every IPv4 path carries in one piece (RFC 8489 section 6.1). Nobody who talks to us needs more. */
export const MAX_STUN_BYTES = 548;
/** A TURN server's longest answer has about ten. More would only cost time. */
export const MAX_ATTRIBUTES = 24;

/** The two class bits lie apart in the message type (RFC 8489 section 5, figure 3). */
export const CLASS_BITS = { request: 0x000, indication: 0x010, success: 0x100, error: 0x110 } as const;
export type StunClass = keyof typeof CLASS_BITS;

/** RFC 8489 section 18.2, RFC 8656 section 17. All fit into the lowest four bits of the message type. */
export const METHODS = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  'create-permission': 0x008,
  'channel-bind': 0x009,
} as const;
export type StunMethod = keyof typeof METHODS;

/** RFC 8489 section 18.3, RFC 8656 section 18. */
export const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedFamily: 0x0017,
  requestedTransport: 0x0019,
  messageIntegritySha256: 0x001c,
  xorMappedAddress: 0x0020,
  additionalFamily: 0x8000,
  software: 0x8022,
  alternateServer: 0x8023,
  fingerprint: 0x8028,
  /** ADDITIONAL-ADDRESS-FAMILY as drafts of RFC 8656 had it, and coturn has it still. */
  draftAdditionalFamily: 0x8032,
  /** Ours alone. It is comprehension-optional, so that every STUN endpoint may get it. */
  serial: 0xd250,
} as const;

/** Attributes from here on may be left unread by who does not know them (comprehension-optional). */
export const FIRST_OPTIONAL = 0x8000;

/** RFC 8489 section 14.8. `code` is 300 to 699. */
export interface StunError {
  readonly code: number;
  /** For a person. From outside it is what the other end wrote: any text. */
  readonly reason: string;
}

export type AddressFamily = 'ipv4' | 'ipv6';

/** The attributes that are read and written here. Hosts are in canonical form. */
export interface StunAttributes {
  readonly username?: string;
  readonly realm?: string;
  readonly nonce?: string;
  readonly software?: string;
  /** XOR-MAPPED-ADDRESS: where a request came from, seen by who answers. */
  readonly mappedAddress?: Endpoint;
  readonly error?: StunError;
  /** UNKNOWN-ATTRIBUTES, beside error 420: the types that the other end does not know. */
  readonly unknownAttributes?: readonly number[];
  /** Counts what the sender has sealed, 0 to 2^32 - 1, so that none of it is believed twice. */
  readonly serial?: number;
  /** TURN: the member at the far end of a permission or a channel. */
  readonly peerAddress?: Endpoint;
  /** TURN: what that member sent, where no channel is bound to its address. In what was read it shares the datagram's memory. */
  readonly data?: Uint8Array;
  /** TURN: the addresses at the server that stand for us; at most one of each family (RFC 8656 section 7.3). */
  readonly relayedAddresses?: readonly Endpoint[];
  /** TURN: in seconds, 0 to 2^32 - 1. */
  readonly lifetimeS?: number;
  /** TURN: 0x4000 to 0x4fff. */
  readonly channel?: number;
  /** TURN: the protocol behind the server, as an IP protocol number. */
  readonly requestedTransport?: number;
  /** TURN: of which family the address at the server shall be; left out: IPv4. */
  readonly requestedFamily?: AddressFamily;
  /** TURN: of which family a second address is wanted. */
  readonly additionalFamily?: AddressFamily;
  /** The same under its old number. */
  readonly draftAdditionalFamily?: AddressFamily;
  /** Beside error 300: who is to be asked instead (RFC 8489 section 14.15). */
  readonly alternateServer?: Endpoint;
}

export interface StunMessage extends StunAttributes {
  readonly class: StunClass;
  readonly method: StunMethod;
  /** 96 bits as 24 lower-case hex digits. */
  readonly transactionId: string;
}

/** A message as it came in. Nothing of it is proved before {@link verifyStun} has said so. */
export interface ReceivedStun extends StunMessage {
  /**
   * Types of attributes that must be understood and are not. A request with any is answered with error 420, an answer with
   * any is dropped (RFC 8489 section 6.3).
   */
  readonly notUnderstood: readonly number[];
  readonly hasIntegrity: boolean;
  readonly hasFingerprint: boolean;
}
