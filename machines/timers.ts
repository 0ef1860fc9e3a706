/** Every delay of the protocol in one place, in ms, each with its reason. PROTOCOL.md's timer table is generated from it. */

interface Timer {
  readonly ms: number;
  readonly why: string;
}

export const TIMERS = {
  claimTimeout: { ms: 1000, why: 'an id that nobody defends within this is free; a defended one is refused at once' },
  presenceInterval: { ms: 1000, why: 'a lost change of the view is healed within this' },
  presenceCoalesce: { ms: 20, why: 'changes that come together are told together' },
  memberTimeout: { ms: 3500, why: 'three presences missed and half a second of grace' },
  inviteRetry: { ms: 500, why: 'an invite or its answer was lost; doubles up to 8 times this' },
  planSettle: { ms: 15, why: 'answers to one invite arrive together: plan once for all of them' },
  requestRetry: { ms: 400, why: 'a request or its offer was lost; longer than a slow round trip' },
  requestTimeout: { ms: 1300, why: 'three requests unanswered: the relay is gone or deaf' },
  requestPatience: {
    ms: 100,
    why: 'in a room that moves to a new plan others are about to let go of what is asked for; less than requestRetry',
  },
  planReview: { ms: 600, why: "others' routes have changed: once they are still, see whether the plan has" },
  planReviewLatest: {
    ms: 1500,
    why: "the same where others' routes do not come to rest, such as one's that gets its relays bit by bit",
  },
  offerHold: {
    ms: 3000,
    why: 'a reservation nobody accepts lapses; longer than until the first renewal, which stands in for a lost accept',
  },
  acceptRetry: { ms: 300, why: 'media flows from the offer on, the accept only has to come before the hold ends' },
  lease: { ms: 6000, why: 'what a vanished client holds is free again after this' },
  leaseRenewal: { ms: 2000, why: 'two renewals may be lost in a lease' },
  overlap: { ms: 300, why: 'the old way is kept at most this long when the new relay has not confirmed' },
  drain: {
    ms: 100,
    why: 'packets sent before their client let go are forwarded still; they come later than its word by no more than this',
  },
  shortfallRetry: {
    ms: 250,
    why: 'capacity that others are about to give up is asked for again; doubles up to 8 times this',
  },
  reclaimDelay: { ms: 800, why: 'clients that plan like us leave by themselves within this' },
  reclaimNotice: { ms: 1000, why: 'what a client gets to find another relay' },
  distrust: { ms: 10_000, why: 'a relay that failed is not asked again for this long' },
  silenceDistrust: {
    ms: 2000,
    why: 'the same for one that fell silent and is heard again: most stood still for a moment, and a full room has no other',
  },
  leaveDeadline: {
    ms: 1500,
    why: 'a leaving relay waits at most this long for its clients, so that it is gone within 2 s',
  },
  reportInterval: { ms: 50, why: 'a relay proves to its clients that it forwards; 4 missed in a row mean it is gone' },
  relaySilence: { ms: 200, why: 'a freeze shorter than 0.36 s is still rated good, and the switch costs a round trip' },
  receiverReport: { ms: 1000, why: 'RTCP to every session: loss, and proof of life where the bus is away' },
  mediaSilence: { ms: 2500, why: 'two receiver reports missed' },
} as const satisfies Record<string, Timer>;

export type TimerName = keyof typeof TIMERS;

/** The timers as XState `delays`. */
export const DELAYS = Object.fromEntries(Object.entries(TIMERS).map(([name, { ms }]) => [name, ms])) as {
  readonly [K in TimerName]: number;
};
