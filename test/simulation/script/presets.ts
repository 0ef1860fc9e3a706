/** The conditions a room is simulated under, by name. Times are ms, chances 0..1, fault rates per minute for the room. */

/** Of every message from one peer to another. */
export interface BusConditions {
  readonly latencyMs: readonly [number, number];
  readonly jitterMs: number;
  readonly loss: number;
  readonly duplication: number;
}

/** Of every packet from one peer to another. The latency is drawn once for each pair. */
export interface LinkConditions {
  readonly latencyMs: readonly [number, number];
  readonly jitterMs: number;
  readonly loss: number;
  readonly duplication: number;
}

export const FAULT_KINDS = [
  'join',
  'leave',
  'crash',
  'restart',
  'upload',
  'overclaim',
  'lie',
  'stall',
  'away',
  'link',
  'babble',
  'want',
  'twin',
  'clockback',
  'move',
  'rebind',
  'show',
  'foreign',
  'misreport',
  'vanish',
  'forge',
  'counterfeit',
  'impersonate',
  'tamper',
  'intercept',
  'rekey',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What members show and look at. Chances for each of them. */
export interface Company {
  readonly voice: number;
  readonly screen: number;
  /** The camera in two sizes. */
  readonly simulcast: number;
  /** With more than so many at the start everybody looks at the last six who spoke. */
  readonly allUpTo: number;
  /** Where not: looks at some by name. */
  readonly chooses: number;
  readonly downloadLimited: number;
}

/** Who measures the uplink: rooms that do, if they have no more than `upTo` members at the start, and who of their members. Chances. */
export interface Measured {
  readonly rooms: number;
  readonly upTo: number;
  readonly members: number;
}

/** What stands between members. Chances. */
export interface Nats {
  /** That a room has any, if it has no more than `upTo` members at the start: all others sit in one network. */
  readonly rooms: number;
  readonly upTo: number;
  /** That a member is behind a router, that it is behind one that others are behind, and that the router is symmetric. */
  readonly behind: number;
  readonly beside: number;
  readonly symmetric: number;
}

export interface Preset {
  /** What it stands for. */
  readonly why: string;
  readonly bus: BusConditions;
  readonly link: LinkConditions;
  /** Members join one after another within this. */
  readonly arrivalMs: number;
  /** From the last fault to the end. */
  readonly quietMs: number;
  readonly perMinute: Readonly<Partial<Record<FaultKind, number>>>;
  /** Chances that a member lends nothing, is a plain RTP endpoint, or only watches. */
  readonly lendsNothing: number;
  /** The chance that its upload carries one copy or two of what it shows, so that it needs relays. */
  readonly poor: number;
  readonly plain: number;
  readonly watches: number;
  /** The chance that a room's media is sealed: that costs a run a third more, and but for what it is about changes nothing. */
  readonly sealed: number;
  /** The chance that a room in which members sign has a key; null: they do not sign, and RTCP is not sealed. */
  readonly locked: number | null;
  readonly company: Company;
  readonly nats: Nats;
  readonly measured: Measured;
  /** How many packets a second every source sends, and the time at the end whose packets count, in ms. */
  readonly media: { readonly packetsPerSecond: number; readonly windowMs: number };
}

const STEADY = { duplication: 0, loss: 0 };
const HOME = {
  bus: { latencyMs: [10, 30], jitterMs: 8, loss: 0.001, duplication: 0 },
  link: { latencyMs: [5, 40], jitterMs: 8, loss: 0.002, duplication: 0 },
} as const;
/** A camera each, and everybody looks at everybody: what there is a bound for that solvers can check. */
const CAMERAS: Company = {
  ...{ voice: 0, screen: 0, simulcast: 0, chooses: 0, downloadLimited: 0 },
  allUpTo: Number.POSITIVE_INFINITY,
};
/** Everybody talks and is seen by all; in larger rooms people look at the last six. */
const TALK: Company = { voice: 1, screen: 0, simulcast: 0, allUpTo: 12, chooses: 0, downloadLimited: 0 };
/** Half of them show a screen as well now and then. */
const SHOWING: Company = { ...TALK, screen: 0.5, simulcast: 0.25 };
const MIXED: Company = { voice: 0.9, screen: 0.1, simulcast: 0.25, allUpTo: 12, chooses: 0.1, downloadLimited: 0.15 };

/** Each of the 16 slices gets more than one packet a second, and seven in the time that counts; a 20-peer minute stays under a minute. */
export const MEDIA = { packetsPerSecond: 25, windowMs: 5000 };
const TOLD: Measured = { rooms: 0, upTo: 0, members: 0 };
const ONE_NETWORK: Nats = { rooms: 0, upTo: 0, behind: 0, beside: 0, symmetric: 0 };
/** Most routers let in whom one has sent to; some use another port for each. */
const HOMES: Nats = { rooms: 1, upTo: Number.POSITIVE_INFINITY, behind: 0.7, beside: 0.2, symmetric: 0.3 };

/** People come within three seconds, all of one kind, and stay as they are. */
const UNTROUBLED = {
  arrivalMs: 3000,
  quietMs: 12_000,
  perMinute: {},
  lendsNothing: 0,
  poor: 0,
  plain: 0,
  watches: 0,
  sealed: 0,
  locked: null,
  company: CAMERAS,
  nats: ONE_NETWORK,
  measured: TOLD,
  media: MEDIA,
} as const;

export const PRESETS = {
  calm: {
    why: 'nothing goes wrong: what the protocol costs and reaches by itself',
    bus: { ...STEADY, latencyMs: [20, 20], jitterMs: 0 },
    link: { ...STEADY, latencyMs: [10, 30], jitterMs: 0 },
    ...UNTROUBLED,
  },
  far: {
    why: 'members of several continents, and a server that is far from all of them: a third of a second there and back',
    bus: { ...STEADY, latencyMs: [300, 330], jitterMs: 8 },
    link: { ...STEADY, latencyMs: [150, 170], jitterMs: 8 },
    ...UNTROUBLED,
  },
  home: {
    why: 'fixed lines and Wi-Fi in one country, a message in a thousand lost, an uplink that changes now and then',
    ...HOME,
    arrivalMs: 3000,
    quietMs: 12_000,
    perMinute: { upload: 4, want: 4 },
    lendsNothing: 0,
    poor: 0,
    plain: 0,
    watches: 0,
    sealed: 0,
    locked: null,
    company: TALK,
    nats: ONE_NETWORK,
    measured: TOLD,
    media: MEDIA,
  },
  mobile: {
    why: 'cells: late, lossy, uplinks that change all the time, connections that go away for seconds',
    bus: { latencyMs: [30, 90], jitterMs: 40, loss: 0.01, duplication: 0.002 },
    link: { latencyMs: [25, 80], jitterMs: 30, loss: 0.01, duplication: 0.001 },
    arrivalMs: 3000,
    quietMs: 15_000,
    perMinute: { upload: 20, away: 6, link: 4, stall: 4, want: 10 },
    lendsNothing: 0.1,
    poor: 0,
    plain: 0,
    watches: 0,
    sealed: 0,
    locked: null,
    company: MIXED,
    nats: ONE_NETWORK,
    measured: TOLD,
    media: MEDIA,
  },
  churn: {
    why: 'people come and go, some without a word, on home lines',
    ...HOME,
    arrivalMs: 3000,
    quietMs: 15_000,
    perMinute: { join: 12, leave: 8, crash: 4, restart: 4, want: 10 },
    lendsNothing: 0.05,
    poor: 0,
    plain: 0,
    watches: 0.05,
    sealed: 0,
    locked: null,
    company: MIXED,
    nats: ONE_NETWORK,
    measured: TOLD,
    media: MEDIA,
  },
  nats: {
    why: 'most sit behind routers, some of which refuse each other; laptops move, and routers start anew',
    ...HOME,
    arrivalMs: 3000,
    quietMs: 15_000,
    perMinute: { move: 8, rebind: 6, upload: 4, want: 4 },
    lendsNothing: 0,
    poor: 0,
    plain: 0,
    watches: 0,
    sealed: 0,
    locked: null,
    company: TALK,
    nats: HOMES,
    measured: TOLD,
    media: MEDIA,
  },
  shows: {
    why: 'cameras, voices and screens come and go while people stay, on home lines',
    ...HOME,
    arrivalMs: 3000,
    quietMs: 12_000,
    perMinute: { show: 60, upload: 4, want: 4 },
    lendsNothing: 0,
    poor: 0,
    plain: 0,
    watches: 0,
    sealed: 0,
    locked: null,
    company: SHOWING,
    nats: ONE_NETWORK,
    measured: TOLD,
    media: MEDIA,
  },
  lines: {
    why: 'uplinks are measured, on lines that others use too, that become slow or vanish, by what liars say of arrivals',
    ...HOME,
    arrivalMs: 2000,
    quietMs: 15_000,
    perMinute: { upload: 6, foreign: 10, misreport: 30, vanish: 4, stall: 6, link: 4, restart: 3, want: 6 },
    lendsNothing: 0.1,
    poor: 0,
    plain: 0,
    watches: 0.1,
    sealed: 0,
    locked: null,
    company: TALK,
    nats: ONE_NETWORK,
    measured: { rooms: 1, upTo: Number.POSITIVE_INFINITY, members: 0.9 },
    media: MEDIA,
  },
  hostile: {
    why: 'everything at once, far beyond what a call survives in comfort: nothing may break for good',
    bus: { latencyMs: [5, 120], jitterMs: 120, loss: 0.03, duplication: 0.03 },
    link: { latencyMs: [5, 80], jitterMs: 60, loss: 0.02, duplication: 0.01 },
    arrivalMs: 2000,
    // A relay that lost its trust is asked again after 10 s; the room must settle on that as well.
    quietMs: 20_000,
    perMinute: {
      join: 15,
      leave: 12,
      crash: 10,
      restart: 10,
      upload: 30,
      overclaim: 6,
      lie: 10,
      stall: 15,
      away: 15,
      link: 15,
      babble: 10,
      want: 20,
      twin: 6,
      clockback: 6,
      move: 8,
      rebind: 6,
      forge: 10,
    },
    lendsNothing: 0.1,
    poor: 0,
    plain: 0.05,
    watches: 0.1,
    sealed: 0.3,
    locked: null,
    company: { ...MIXED, screen: 0.2, chooses: 0.2 },
    // Plans around routers cost several times as much, most of all in larger rooms: a few small ones in a long run are many.
    nats: { ...HOMES, rooms: 0.1, upTo: 7 },
    measured: TOLD,
    media: MEDIA,
  },
  forgers: {
    why: 'the server, members and whoever is on the way forge, repeat, cut and swap messages, packets and keys, in small rooms, for a moment',
    bus: { latencyMs: [5, 60], jitterMs: 30, loss: 0.005, duplication: 0.02 },
    link: { latencyMs: [5, 40], jitterMs: 10, loss: 0.002, duplication: 0.01 },
    arrivalMs: 400,
    quietMs: 4500,
    perMinute: {
      ...{ intercept: 70, tamper: 70, forge: 250, counterfeit: 90, impersonate: 40 },
      ...{ leave: 12, join: 12, crash: 5, restart: 5, rekey: 8, want: 10 },
    },
    lendsNothing: 0,
    poor: 0.5,
    plain: 0,
    watches: 0.1,
    sealed: 1,
    locked: 0.5,
    company: TALK,
    nats: ONE_NETWORK,
    measured: TOLD,
    media: { packetsPerSecond: 12, windowMs: 1500 },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

export function isPresetName(text: string): text is PresetName {
  return Object.hasOwn(PRESETS, text);
}
