/**
 * The contract between those who decide where packets go and the code that moves them.
 *
 * A packet path owns one UDP socket. It is given a whole {@link PathTable} at a time and swaps it in atomically: a
 * packet is handled under the old table or the new one, never under a mixture. Packets are never parsed into objects:
 * the fixed RTP header (RFC 3550 section 5.1) is read in place, and what is forwarded is forwarded byte for byte.
 */

/** A numeric UDP address. `host` is an IPv4 or IPv6 literal, never a name. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /**
   * Of somebody behind the TURN server at this address: the number of the channel that is bound to them there, 0x4000..0x4fff
   * (RFC 8656 section 12). What is sent there and what comes from there is ChannelData on the way; whoever uses the path sees
   * what is in it, and the server's own address is another one.
   */
  readonly channel?: number;
}

/** One hop out: packets whose `sequence number mod 16` is a set bit of `slices` (a 16-bit mask) go to `to`. */
export interface PathLeg {
  readonly to: Endpoint;
  readonly slices: number;
}

/** Where the packets of one SSRC go. */
export interface PathRoute {
  readonly ssrc: number;
  /** The only addresses whose packets of this SSRC are forwarded, all of one sender; `null`: the packets are our own, given to `send`. */
  readonly upstream: readonly Endpoint[] | null;
  readonly legs: readonly PathLeg[];
  /**
   * Token bucket, in bit/s of UDP payload; `null`: unlimited. On what `upstream` may make us send, summed over all legs; on an own
   * stream itself, whoever gets it.
   */
  readonly limitBps: number | null;
  /** How much at the limit may come at once, in ms; left out: three seconds' worth. */
  readonly burstMs?: number;
  /** Under a full uplink or send buffer, video is dropped before audio. */
  readonly media: 'audio' | 'video';
  /** Other hops, which get each packet as it is given for them: those whose copies are not sealed. */
  readonly clear?: ClearLegs;
}

/** They have a limit of their own, summed over all of them. */
export interface ClearLegs {
  readonly legs: readonly PathLeg[];
  readonly limitBps: number | null;
}

/** A remote source that is played here: packets of `ssrc` from any of `from` are delivered once each. */
export interface PathSink {
  readonly ssrc: number;
  readonly from: readonly Endpoint[];
}

/** From which of our addresses packets to `to` leave: the one that proved itself, where the machine has several. */
export interface PathOrigin {
  readonly to: Endpoint;
  /** A numeric address of this machine, of the family of `to`. */
  readonly from: string;
}

export interface PathTable {
  readonly routes: readonly PathRoute[];
  readonly sinks: readonly PathSink[];
  /** Where RTCP may come from; left out: from nowhere. What comes from anywhere else costs no more than a look-up. */
  readonly reporters?: readonly Endpoint[];
  /**
   * For sockets that listen on all addresses; to those that are not named the system chooses, as `dgram` has it do for all. A packet
   * whose address the machine has no more is dropped as `unreachable`.
   */
  readonly origins?: readonly PathOrigin[];
}

/**
 * Why a datagram was not used. One counter each. `overLimit`: a client's, beyond its agreement; `aboveRate`: our own, beyond the
 * stream's rate. `sinkBehind`: the packets for the local sink came faster than it took
 * them; where the kernel holds them until then, `kernelDrops` says so instead. `stunFlood`: more STUN than anybody who looks for us sends.
 */
export const DROP_REASONS = [
  'tooShort',
  'tooLong',
  'badVersion',
  'unknownSsrc',
  'unknownAddress',
  'overLimit',
  'aboveRate',
  'sendBufferFull',
  'sinkBehind',
  'unreachable',
  'stunFlood',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** What has passed since the path was opened. All values are totals that only grow. */
export interface PathCounters {
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  /** Everything that left the socket: own packets, forwarded packets, RTCP. UDP payload bytes. */
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly forwardedPackets: number;
  readonly deliveredPackets: number;
  /** Copies of a packet that had been delivered already; they do not reach the sink. */
  readonly duplicatePackets: number;
  /**
   * Datagrams that the kernel dropped: the receive buffer was full or, once we have been flooded, they came from addresses that the
   * table does not name; 0 where it cannot be known.
   */
  readonly kernelDrops: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

/** What has been received of one SSRC, whether it is played here, forwarded, or both. */
export interface SsrcCounters {
  /**
   * Lowest and highest extended sequence number seen (RFC 3550 appendix A.1: cycles * 65536 + seq). Before the first
   * packet `highestSequence` is one below `firstSequence`, so that highest - first + 1 is always what was to be
   * expected. A source that restarts at another number starts both anew, in the next cycle.
   */
  readonly firstSequence: number;
  readonly highestSequence: number;
  /** Distinct packets delivered, and their bytes. */
  readonly deliveredPackets: number;
  readonly deliveredBytes: number;
  readonly duplicatePackets: number;
  /**
   * Packets and their last arrival (ms, {@link PathOptions.now}; 0 before the first) by the address they came from,
   * as long as the table names it for this SSRC. Keys are `host:port`, for IPv6 `[host]:port`.
   */
  readonly byUpstream: ReadonlyMap<string, { readonly packets: number; readonly lastArrivalMs: number }>;
}

/** A packet for the local sink. `packet` is only valid during the call: copy what must outlive it. */
export type Deliver = (packet: Uint8Array, ssrc: number, extendedSequence: number, from: Endpoint) => void;

/**
 * Which packets a path takes note of: none; each RTP packet that comes from a reporter of the table, of whatever stream it is; or these,
 * and each that leaves for an address of the table.
 */
export type NotesWanted = 'nothing' | 'arrivals' | 'all';

/** A packet that the path has taken or sent, for whoever measures. One object serves all: copy what must outlive the call. */
export interface NotedPacket {
  /** `resent`: under a number that it had before. */
  readonly what: 'arrived' | 'sent' | 'resent';
  /** Where it came from or went to: an address of the table. */
  readonly place: Endpoint;
  readonly ssrc: number;
  /** Of 16 bits. */
  readonly sequence: number;
  /** On the wire: with the headers of IP, UDP and TURN's channel. */
  readonly bytes: number;
  /** When, by {@link PathOptions.now}. */
  readonly atMs: number;
  /** That is when the kernel got it; left out or false: when we read it, which a busy computer does late. */
  readonly isTimed?: boolean;
}

export interface PathOptions {
  /** Where to bind; port 0 takes an ephemeral one. On `::` IPv4 senders and receivers are served too. */
  readonly listen: Endpoint;
  readonly deliver: Deliver;
  /** RTCP (RFC 5761 section 4: payload types 192..223 in the second byte) from the table's reporters; same lifetime rule. */
  readonly onRtcp: (packet: Uint8Array, from: Endpoint) => void;
  /**
   * STUN (RFC 8489) from anybody, known by its header only: who sent it, and whether it is whole, is for the reader to find out. `from`
   * is in canonical form and can be answered. `local` is which of our addresses it came to, null where that is not known: on `dgram`
   * with a socket that listens on all of them. Same lifetime rule; left out: nobody reads it.
   */
  readonly onStun?: ((packet: Uint8Array, from: Endpoint, local: string | null) => void) | undefined;
  /**
   * A packet of an own stream has left, which may be long after it was given to `send`: not called for what was dropped, nor for the
   * packet of its clear legs. Same lifetime rule.
   */
  readonly onLeft?: ((packet: Uint8Array, ssrc: number) => void) | undefined;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

export interface PacketPath {
  readonly kind: 'dgram' | 'batched';
  /** The address the socket is bound to. */
  readonly bound: Endpoint;
  /**
   * Replace the whole table. Takes effect for the next packet. Counters and delivery state of an SSRC last as long as
   * the SSRC is in it.
   *
   * @throws {PathError} `address.invalid` or `table.invalid`; the old table stays in force then
   */
  setTable(table: PathTable): void;
  /**
   * From now on video leaves no faster than this, in bit/s of UDP payload over all receivers; 0: as it comes, as at first. What is too
   * much for a moment waits, what is too much for a second is dropped (`sendBufferFull`). Audio, RTCP and resends count, and never wait.
   */
  setPace(bps: number): void;
  /** For how long the video has waited whose turn it is next, in ms; 0: none waits. */
  readonly waitedMs: number;
  /**
   * Send an own RTP packet along the route of its SSRC (upstream `null`). The bytes are copied before returning.
   *
   * @param clear the same packet as the route's clear legs get it; left out: they get nothing
   */
  send(packet: Uint8Array, clear?: Uint8Array): void;
  /** Send an RTP packet that has come to the clear legs of its SSRC's route. The bytes are copied before returning. */
  forwardClear(packet: Uint8Array): void;
  /**
   * Send one datagram as it is (RTCP, STUN). The bytes are copied before returning.
   *
   * @param from which of our addresses it leaves from, as in {@link PathTable.origins}, which say so where this is left out
   * @throws {PathError} `address.invalid`
   */
  sendTo(datagram: Uint8Array, to: Endpoint, from?: string): void;
  /**
   * The (16-bit) sequence numbers of the packets of an own source after `afterSequence` that fall into `slices` and are
   * stored, oldest first. Of `afterSequence` the low 16 bits count, because a receiver that joined late numbers its cycles
   * otherwise. The path keeps each own source's last second.
   */
  storedAfter(ssrc: number, afterSequence: number, slices: number): number[];
  /**
   * Send a packet of {@link stored} again to `to`. Returns its bytes; 0 if it is not stored, or if there was no room for it.
   */
  resend(ssrc: number, sequence: number, to: Endpoint): number;
  /**
   * A packet by its (16-bit) sequence number: of an own source's last second, or of what has lately been forwarded. Valid until the
   * next call of `send`.
   */
  stored(ssrc: number, sequence: number): Uint8Array | undefined;
  /**
   * What was delivered under this (16-bit) sequence number was none of the stream, as whoever opened it has found: another packet under
   * it is no copy, and is delivered.
   */
  deliverAgain(ssrc: number, sequence: number): void;
  /** Whether a packet has lately come that was to be forwarded and was over its route's limit, by its (16-bit) sequence number. */
  wasOverLimit(ssrc: number, sequence: number): boolean;
  /** What is noted from now on. Whoever has something noted must take it several times a second: the path keeps some thousand. */
  note(wanted: NotesWanted): void;
  /** Hands out what has been noted since the last time, oldest first. */
  takeNoted(take: (packet: NotedPacket) => void): void;
  /**
   * Send padding of so many bytes as an RTP packet of a stream that nobody shows: it is noted like any other, by whoever gets it too.
   * It never waits, and goes nowhere if the send buffer is full.
   *
   * @param bytes of UDP payload: at least the RTP header's 12, at most 1500
   * @param to an address of the table
   * @throws {PathError} `address.invalid`
   */
  sendPadding(ssrc: number, sequence: number, bytes: number, to: Endpoint): boolean;
  counters(): PathCounters;
  /**
   * How many UDP payload bytes of RTP along the table's routes have left for an address, of own and forwarded packets. It may begin
   * anew from nothing when the table has had very many addresses.
   */
  sentTo(to: Endpoint): number;
  /** `counters().sentBytes` alone, cheap enough to be read often. */
  readonly sentBytes: number;
  ssrcCounters(ssrc: number): SsrcCounters | undefined;
  /** The extended sequence number of the newest packet given to `send` for this own SSRC, or undefined. */
  sentSequence(ssrc: number): number | undefined;
  /** Stop reading, close the socket, free everything. Idempotent. */
  close(): Promise<void>;
}
