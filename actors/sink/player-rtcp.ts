/** What players send back about a stream: reports, and requests for key frames and for packets. Strangers can send it, too. */
import { packetsOf } from '../../infra/rtcp/compound.ts';
import { isRtcp, RTCP_MIN_BYTES, readVersion } from '../../infra/rtp/header.ts';
import { Allowance, type Limit } from '../../machines/hearing/allowance.ts';

/** Of one stream. A player that misses something in each of 60 frames a second, and reports besides, sends fewer datagrams. */
const PLAYER_LIMIT: Limit = { burst: 100, perSecond: 100 };
/** An Ethernet frame's payload: no player sends a longer one. */
const MAX_BYTES = 1500;
const RTP_VERSION = 2;

/**
 * What has come since the sink was opened, in datagrams. `strangers`: from another host than the player's; `malformed`: no RTCP, or
 * cut off; `overLimit`: more than a player has to say.
 */
export interface PlayerRtcpCounters {
  readonly taken: number;
  readonly strangers: number;
  readonly malformed: number;
  readonly overLimit: number;
}

/** All that came to one sink. */
export class PlayerRtcpCount implements PlayerRtcpCounters {
  taken = 0;
  strangers = 0;
  malformed = 0;
  overLimit = 0;
}

/** Lets through what the player of one stream may send. */
export class PlayerRtcp {
  readonly #host: string;
  readonly #count: PlayerRtcpCount;
  readonly #allowance = new Allowance(PLAYER_LIMIT);

  /** @param host the player's, a literal */
  constructor(host: string, count: PlayerRtcpCount) {
    this.#host = host;
    this.#count = count;
  }

  /** Whether to use a datagram; counts it either way. */
  admit(datagram: Uint8Array, from: string, nowMs: number): boolean {
    if (from !== this.#host) this.#count.strangers++;
    else if (!this.#allowance.take(1, nowMs)) this.#count.overLimit++;
    else if (!isWholeRtcp(datagram)) this.#count.malformed++;
    else {
      this.#count.taken++;
      return true;
    }
    return false;
  }
}

/** RTCP packets from the first byte to the last. RFC 5506 allows any of them to come alone. */
function isWholeRtcp(datagram: Uint8Array): boolean {
  if (datagram.length < RTCP_MIN_BYTES || datagram.length > MAX_BYTES) return false;
  if (readVersion(datagram) !== RTP_VERSION || !isRtcp(datagram)) return false;
  const bytes = [...packetsOf(datagram)].reduce((sum, packet) => sum + packet.length, 0);
  return bytes === datagram.length;
}
