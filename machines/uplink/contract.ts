/**
 * What the controller of an uplink is told, and what it answers. All times are milliseconds of one monotonic clock of the process that
 * names them: those of two processes are never compared, only their differences. Rates are bit/s, sizes bytes with UDP and IP headers.
 */
import type { LinePart, PeerId } from '../messages.ts';

/** A packet that has left our socket, to the next hop and no further: RFC 8888 feedback is taken hop by hop. */
export interface Sent {
  readonly leg: PeerId;
  readonly ssrc: number;
  /** Of 16 bits, as in the RTP header. */
  readonly seq: number;
  readonly bytes: number;
  readonly sentAtMs: number;
  /** The number has been sent before: which of the two arrived is not known, so its delay says nothing. */
  readonly resent: boolean;
}

/** What a receiver says of one packet. */
export interface Heard {
  readonly ssrc: number;
  readonly seq: number;
  /** By the receiver's clock, unwrapped; `sometime`: it has come, and the receiver can't say when; undefined where it has not come by now. */
  readonly arrivedAtMs: number | 'sometime' | undefined;
}

/** One report of one leg's receiver (RFC 8888 section 3.1). */
export interface Feedback {
  readonly leg: PeerId;
  /** When it came, by our clock. */
  readonly atMs: number;
  /** When it was written, by the receiver's clock. */
  readonly reportedAtMs: number;
  readonly packets: readonly Heard[];
}

/** What the plan makes of the uplink. */
export interface Demand {
  /** Whom something can be sent to: padding goes to no other. */
  readonly legs: readonly PeerId[];
  /** All that the plan could use over all legs: nothing above it is searched for. */
  readonly wantBps: number;
  /** Of it what is never held back: audio. No budget is less. */
  readonly audioBps: number;
  /**
   * What `--upload` lets us use: no budget is more, and it is believed until the line shows that it carries less. A new one is believed
   * anew. Undefined where the line alone decides.
   */
  readonly capBps: number | undefined;
  /** What `--upload` says, of which the cap is what the headroom leaves. Left out: as much more than the cap as a measured line keeps free. */
  readonly toldBps?: number | undefined;
  /**
   * What receivers ask for at most. Whoever asks for less than before has found what its own line carries, and what waits on the way to it
   * is no way's of ours. Left out: nobody limits it.
   */
  readonly asked?: ReadonlyMap<PeerId, number> | undefined;
  /** What others behind the same router have of its line; the same list as long as they say the same. Left out: nobody else is there. */
  readonly theirs?: readonly LinePart[] | undefined;
}

/** Padding to be sent on top of media, until so many bytes have left since it was asked for, media and audio among them. */
export interface ProbeOrder {
  /** A later one is a higher one. */
  readonly id: number;
  /** Of all that leaves, not of the padding alone: media goes first. */
  readonly bps: number;
  readonly bytes: number;
  /** Whom padding goes to in turn. */
  readonly legs: readonly PeerId[];
}

/**
 * Why the budget is not more. `unmeasured`: nothing is known yet. `plan`: the plan wants no more. `cap`: `--upload`. `foreign`: another
 * program, or another peer behind the same router. `silence`: nobody tells us what arrives.
 */
export const UPLINK_LIMITS = ['unmeasured', 'plan', 'cap', 'line', 'foreign', 'silence'] as const;
export type Limit = (typeof UPLINK_LIMITS)[number];

/** One leg that takes less than its share: its own path is full or lossy. */
export interface LegCap {
  readonly leg: PeerId;
  /** For what is sent at once. */
  readonly capBps: number;
  /** For plans: it moves only where that is worth it. */
  readonly publishedBps: number;
  readonly why: 'queue' | 'silence';
}

export interface UplinkState {
  /** The line has not shown that it carries less than `--upload`: what is said of it here is that figure, and nothing is measured. */
  readonly isToldBelieved: boolean;
  /** What the line carries, as far as it is known; undefined before the first probe is answered. */
  readonly capacityBps: number | undefined;
  /** What may be sent now over all legs. */
  readonly budgetBps: number;
  /** At which rate packets leave the pacer: a little more than the budget, so that bursts of a source do not wait long. */
  readonly paceBps: number;
  /** The budget for plans: down at once, up when it is worth it, still where nothing happens. */
  readonly publishedBps: number | undefined;
  /** Plans could use more than that. */
  readonly isShort: boolean;
  readonly caps: readonly LegCap[];
  readonly probe: ProbeOrder | undefined;
  readonly limitedBy: Limit;
  /** What waits in the uplink's own queue. */
  readonly queueMs: number;
  /** When to ask again if nothing is reported before. */
  readonly wakeAtMs: number;
}
