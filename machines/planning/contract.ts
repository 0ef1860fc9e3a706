/** What the planner is told and what it answers. All rates and loads are bit/s. */

/** One RTP stream of a peer and the rates that it can be encoded at; equal values are a fixed rate. */
export interface PlanStream {
  /** Unique among the streams of its peer. */
  readonly name: string;
  readonly media: 'audio' | 'video';
  readonly minBps: number;
  readonly maxBps: number;
  /** Streams of one group show the same: a receiver gets one of them at most. */
  readonly group?: string;
  /** The place in the group: the higher, the more bit/s. */
  readonly layer?: number;
}

/** Which stream a peer receives, and at most at which rate. */
export interface PlanWant {
  readonly source: string;
  /** The name of a stream; that of a group or of any of its layers means the group. Left out: every stream of that peer. */
  readonly stream?: string;
  /** Of a group, the best layer within it. */
  readonly maxBps?: number;
}

export interface PlanPeer {
  readonly id: string;
  readonly uploadBps: number;
  /** The most that others may use of the upload; the whole upload where it is left out. */
  readonly lendBps?: number;
  /** Unlimited where it is left out. */
  readonly downloadBps?: number;
  /** `false`: a plain RTP endpoint. It receives, sends its own streams direct only and never relays. Default `true`. */
  readonly compatible?: boolean;
  /**
   * It ties a stream to the address that it comes from first: it gets each whole on one path, the one that it has as long as anybody is
   * served on it, or not at all. Default `false`.
   */
  readonly oneAddress?: boolean;
  /** What it receives; everything where it is left out. */
  readonly wants?: readonly PlanWant[];
  readonly streams?: readonly PlanStream[];
}

/**
 * Who receives some slices of a stream, and through whom. A relay is served by the copy that it forwards and is no receiver
 * of the same route. Of one stream, no two routes through the same relay share a slice.
 */
export interface PlanRoute {
  readonly source: string;
  readonly stream: string;
  /** 16-bit mask: bit k stands for the packets whose sequence number mod 16 is k. */
  readonly slices: number;
  /** `null`: direct. */
  readonly relay: string | null;
  readonly receivers: readonly string[];
}

/** A wanted stream and who wants it; a group stands there once, by the name of its lowest layer. */
export interface PlanPair {
  readonly source: string;
  readonly stream: string;
  readonly receiver: string;
}

export interface PlanInput {
  /** The share of every upload that may be used, 0..1. */
  readonly headroom: number;
  readonly peers: readonly PlanPeer[];
  /** The routes that run now. The plan changes as little of them as it can; parts that make no sense any more are ignored. */
  readonly inForce?: readonly PlanRoute[];
  /** Pairs of ids, in either order, that have no direct edge: packets go from one to the other over a relay that reaches both. */
  readonly cut?: readonly (readonly [string, string])[];
  /**
   * Pairs of ids, in either order, whose packets go over a TURN server: such a leg is the last resort, for what nobody can relay
   * without one. Of all ways those are taken that pay for the fewest copies; what they lack in upload costs rate, not more copies.
   */
  readonly costly?: readonly (readonly [string, string])[];
}

/**
 * Why a pair goes without. `no-relay`: it has no direct edge, and no compatible member reaches both. `no-download`: it is beyond what the
 * receiver can download, or wants at most. `no-upload`: members reach both, and have too little upload left or lent for it, or no download.
 */
export type Unserved = 'no-relay' | 'no-download' | 'no-upload';

export interface UnservedPair extends PlanPair {
  /** Left out where no pair of the room is cut: only uploads and downloads are left to be too small. */
  readonly why?: Unserved;
}

export interface Plan {
  /** By `ID/STREAM`; 0 for a layer that nobody receives. */
  readonly rates: Readonly<Record<string, number>>;
  readonly routes: readonly PlanRoute[];
  readonly unserved: readonly UnservedPair[];
  /** What every peer sends, its own streams and what it relays. */
  readonly load: Readonly<Record<string, number>>;
  /**
   * The highest rate that the bound gives any video (any audio in a room without video): the water level. 0 where the least
   * rates are beyond the bound.
   */
  readonly boundBps: number;
  /** The lowest planned rate, of the streams not held by their own maximum or upload, over what the bound gives it. */
  readonly ratio: number;
}

/** One peer's part of the plan of its room. */
export interface OwnPlan {
  /** By the name of the stream. */
  readonly rates: Readonly<Record<string, number>>;
  readonly routes: readonly PlanRoute[];
  /** What the own streams send; what is relayed for others is not in it. */
  readonly ownLoadBps: number;
  readonly unserved: readonly UnservedPair[];
}
