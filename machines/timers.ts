/** Every delay of the protocol in one place, in ms, each with its reason. PROTOCOL.md's timer table is generated from it. */

interface Timer {
  readonly ms: number;
  readonly why: string;
}

export const TIMERS = {
  claimTimeout: { ms: 1000, why: 'an id that nobody defends within this is free; a defended one is refused at once' },
  beatInterval: {
    ms: 1000,
    why: 'the least time between two beats, and as long as it takes at most that a lost profile is missed in a small room',
  },
  beatSpacing: {
    ms: 40,
    why: 'in a room of N everybody beats every N times this: 25 beats a second reach each, however many they are',
  },
  memberTimeout: {
    ms: 3500,
    why: 'three beats missed and half an interval of grace; in larger rooms 3.5 of their intervals',
  },
  profileSoon: { ms: 10, why: 'changes of what one has, shows or wants that come together are told together' },
  profileLater: {
    ms: 250,
    why: "how one's streams run is of use to others' next review only, and one change of the room changes it several times",
  },
  profileGathering: {
    ms: 100,
    why: 'profiles that say no more than how streams run wait for each other; what they are for, planReview, waits longer',
  },
  profilePace: {
    ms: 250,
    why: 'after a burst of 8, profiles of one member that follow each other faster are gathered, and the latest counts',
  },
  answerWindow: {
    ms: 250,
    why: 'in it a profile is sent to four that ask; if more do, to all, once, at its end: a room that asks is no storm',
  },
  inviteRetry: {
    ms: 500,
    why: 'a profile that was asked for, an invite or its answer was lost; doubles up to 4 times, and then the next beat asks',
  },
  returnPause: {
    ms: 500,
    why: 'after an outage the others come back within this (a try every 250 to 350 ms): what is told sooner is lost on them',
  },
  contestPatience: {
    ms: 3000,
    why: 'who started last with an earlier clock is believed when the process known before says nothing for this long',
  },
  byeMemory: {
    ms: 3000,
    why: 'what was sent before a bye may come after it by this; then whoever speaks is met again',
  },
  newcomer: {
    ms: 5000,
    why: 'a full room has told whoever is one too many by then; who is in it for longer does not go for a stranger',
  },
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
  lease: {
    ms: 6000,
    why: 'what a client was granted and does not say that it holds is free again after this, or four beats where that is longer',
  },
  overlap: { ms: 300, why: 'the old way is kept at most this long when the new relay has not confirmed' },
  drain: {
    ms: 100,
    why: 'packets sent before their client let go are forwarded still; they come later than its word by no more than this, and one and a half round trips to it where it was told to go',
  },
  shortfallRetry: {
    ms: 250,
    why: 'capacity that others are about to give up is asked for again; doubles up to 8 times this',
  },
  reclaimDelay: {
    ms: 800,
    why: 'clients that plan like us leave by themselves within this and one and a half round trips of the furthest of them',
  },
  reclaimNotice: { ms: 1000, why: 'what a client gets to find another relay, beyond one and a half round trips to it' },
  distrust: { ms: 10_000, why: 'a relay that failed is not asked again for this long' },
  witnessDoubt: {
    ms: 60_000,
    why: 'a receiver that accuses relays alone is believed twice; then others must miss something too, until this long after it was last believed alone',
  },
  waySettle: {
    ms: 150,
    why: 'beyond one and a half round trips of the way: what a receiver misses so shortly after its way has changed is on its way',
  },
  silenceDistrust: {
    ms: 2000,
    why: 'the same for one that fell silent and is heard again: most stood still for a moment, and a full room has no other',
  },
  leaveDeadline: {
    ms: 1500,
    why: 'a leaving relay waits at most this long for its clients, so that it is gone within 2 s',
  },
  reportInterval: {
    ms: 20,
    why: 'a relay proves to its clients that it forwards, at the cost of a hundredth of its upload: up to 50 where that is small',
  },
  backlogLook: {
    ms: 100,
    why: 'so often a peer looks whether its own video waits for the uplink, and has its encoders make less',
  },
  relayQuiet: {
    ms: 50,
    why: 'nothing at all comes of a relay for this beyond the longest of late, some 70 ms in all: event loops are late by so much now and then',
  },
  relaySilence: { ms: 200, why: 'no report comes of a relay, whatever else does: it is there, and does not forward' },
  receiverReport: { ms: 1000, why: 'RTCP to every session: loss, and proof of life where the bus is away' },
  checkPace: {
    ms: 80,
    why: 'for each other member of the room: an address that has not proved itself is checked again after three quarters of it, then after twice of it, doubling; longer than a round trip in one country, and all of a room check it 20 times a second at most',
  },
  checkSpacing: {
    ms: 60,
    why: 'between two members that check the same address of a newcomer: whoever names a stranger has it get 20 a second, of all together',
  },
  checkSlowest: { ms: 60_000, why: 'no way is given up for good: routers change, laptops move' },
  checkAgain: {
    ms: 250,
    why: 'an address that has proved itself is asked again after this where it does not answer; doubles up to consentInterval',
  },
  consentInterval: {
    ms: 5000,
    why: 'RFC 7675 section 5.1, with a fifth more or less; it keeps the state of routers alive, too',
  },
  consentExpiry: {
    ms: 30_000,
    why: 'RFC 7675 section 5.1: nothing is sent to an address that has not answered for this long',
  },
  pairPatience: {
    ms: 3000,
    why: 'no check has been answered for this long: no way leads there, and both ends are told',
  },
  pairDoubt: {
    ms: 200,
    why: 'packets that should come do not for this long: all addresses of the pair are checked at once',
  },
  candidatesAgain: {
    ms: 1000,
    why: 'a member that there is no way to yet is told our addresses again: the message may be lost; doubles up to checkSlowest',
  },
  keyChange: {
    ms: 100,
    why: 'after one that has held keys of media is gone: those that go together change them once',
  },
  keyAhead: {
    ms: 400,
    why: 'new keys of media are told so long before they are used, so that no packet waits for its key; with keyChange, and a change under way, less than a second',
  },
  keyPatience: {
    ms: 100,
    why: 'a key that has not come so long after a packet of it was lost: it is asked for',
  },
  keyAskAgain: { ms: 1000, why: 'the question for keys of media, or its answer, was lost' },
  keyDrain: {
    ms: 3000,
    why: 'a key of media that is followed by another one still opens what is on its way, and what is sent again: a second at most',
  },
  digestInterval: {
    ms: 250,
    why: 'what a source has sent is signed as often: what was forged is found within a second',
  },
  digestPatience: {
    ms: 500,
    why: 'what a source does not tell of so long after it has come is asked for',
  },
  digestAskAgain: {
    ms: 200,
    why: 'the question for digests, or its answer, was lost: within two seconds it is asked some times more',
  },
  digestGiveUp: { ms: 2000, why: 'what is not told of in so long, though it is asked for, is not told of any more' },
  digestsKept: {
    ms: 3000,
    why: 'a source tells again what it has told of so long: longer than anybody asks',
  },
  digestsListed: {
    ms: 5000,
    why: 'what a source has told of is known so long: packets that are sent again come later than that seldom, and are then not judged',
  },
  mediaSilence: { ms: 2500, why: 'two receiver reports missed' },
} as const satisfies Record<string, Timer>;

export type TimerName = keyof typeof TIMERS;

/** The timers as XState `delays`. */
export const DELAYS = Object.fromEntries(Object.entries(TIMERS).map(([name, { ms }]) => [name, ms])) as {
  readonly [K in TimerName]: number;
};

/** How often each member of a room of so many beats, in ms. */
export function beatIntervalMs(members: number): number {
  return Math.max(DELAYS.beatInterval, members * DELAYS.beatSpacing);
}

/** For how long nothing may come over the bus from a member of a room of so many, in ms. */
export function memberTimeoutMs(members: number): number {
  return (beatIntervalMs(members) / DELAYS.beatInterval) * DELAYS.memberTimeout;
}

/** How long what a client was granted stands without its word, in a room of so many, in ms: until a dead bus has been noticed. */
export function leaseMsOf(members: number): number {
  return Math.max(DELAYS.lease, LEASE_BEATS * beatIntervalMs(members));
}

/** More than {@link memberTimeoutMs} is of a beat: whoever is unheard by then is known to be. */
const LEASE_BEATS = 4;
