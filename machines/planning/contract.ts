/** What the planner is told and what it answers. All rates and loads are bit/s. */

/** The rates a source can be encoded at; equal values are a fixed rate. */
export interface PlanSource {
  readonly minBps: number;
  readonly maxBps: number;
}

export interface PlanPeer {
  readonly id: string;
  readonly uploadBps: number;
  /** The most that others may use of the upload; the whole upload where it is left out. */
  readonly lendBps?: number;
  /** Unlimited where it is left out. */
  readonly downloadBps?: number;
  /** `false`: a plain RTP endpoint. It receives, sends its own source direct only and never relays. Default `true`. */
  readonly compatible?: boolean;
  /** The sources it receives; everybody's where it is left out. */
  readonly wants?: readonly string[];
  readonly source?: PlanSource;
}

/**
 * Who receives some slices of a source, and through whom. A relay is served by the copy that it forwards and is no receiver
 * of the same route. Of one source, no two routes through the same relay share a slice.
 */
export interface PlanRoute {
  readonly source: string;
  /** 16-bit mask: bit k stands for the packets whose sequence number mod 16 is k. */
  readonly slices: number;
  /** `null`: direct. */
  readonly relay: string | null;
  readonly receivers: readonly string[];
}

export interface PlanPair {
  readonly source: string;
  readonly receiver: string;
}

export interface PlanInput {
  /** The share of every upload that may be used, 0..1. */
  readonly headroom: number;
  readonly peers: readonly PlanPeer[];
  /** The routes that run now. The plan changes as little of them as it can; parts that make no sense any more are ignored. */
  readonly inForce?: readonly PlanRoute[];
}

export interface Plan {
  readonly rates: Readonly<Record<string, number>>;
  readonly routes: readonly PlanRoute[];
  readonly unserved: readonly PlanPair[];
  /** What every peer sends, its own source and what it relays. */
  readonly load: Readonly<Record<string, number>>;
  /** The highest rate that the bound gives any source: the water level. 0 where the least rates are beyond the bound. */
  readonly boundBps: number;
  /** The lowest planned rate, of the sources not held by their own maximum or upload, over what the bound gives it. */
  readonly ratio: number;
}

/** One peer's part of the plan of its room. */
export interface OwnPlan {
  readonly rateBps: number;
  readonly routes: readonly PlanRoute[];
  /** What the own source sends; what is relayed for others is not in it. */
  readonly ownLoadBps: number;
  readonly unserved: readonly PlanPair[];
}
