/** The scenarios, as data: who takes part, what happens, what must be seen. */
import type { PeerSpec, Scenario, StreamSpec } from './scenario.ts';

const MBIT = 1_000_000;
/** Every source has this rate unless a scenario is about rates. */
const SOURCE_BPS = MBIT;

function peer(id: string, uploadMbit: number, changes: Partial<PeerSpec> = {}): PeerSpec {
  return { id, uploadBps: uploadMbit * MBIT, bitrate: { minBps: SOURCE_BPS, maxBps: SOURCE_BPS }, ...changes };
}

/** Any video from a thumbnail on, bit/s: far above what the room can carry, so that the room says how fast it runs. */
const FREE_RATE = { minBps: 80_000, maxBps: 400_000 };
/** A small camera, below what the room could carry. */
const SMALL_RATE = { minBps: 80_000, maxBps: 150_000 };
/**
 * Mbit/s. All of it is needed: the water level comes to 200 kbit/s, so modest that two processor cores carry all 132 pairs. Three
 * can send everybody a copy; two can't even send one at that level, and run at what they have.
 */
const BIG_UPLOADS = [9, 6.2, 3.9, 2.5, 1.8, 1.35, 1.1, 0.9, 0.65, 0.55, 0.18, 0.13];
/**
 * Percent. Everybody sends all that it lets itself use, and twelve processes share two cores: a second holds up to 5 % more after a
 * stall, a frame of 30 more by where it begins, and reports.
 */
const BIG_HEADROOM = 85;
const SMALL_CAMERAS = ['D', 'G'];
const BIG_PEERS = BIG_UPLOADS.map((upload, index) => {
  const id = String.fromCharCode('A'.charCodeAt(0) + index);
  return peer(id, upload, { headroom: BIG_HEADROOM, bitrate: SMALL_CAMERAS.includes(id) ? SMALL_RATE : FREE_RATE });
});

/** Opus as calls use it. */
const VOICE: StreamSpec = { name: 'voice', media: 'audio', bitrate: { minBps: 32_000, maxBps: 32_000 } };
/** Slides. */
const SCREEN: StreamSpec = { name: 'screen', media: 'video', bitrate: { minBps: 100_000, maxBps: 400_000 } };
/** So little that five processes on two cores carry all 44 streams. */
const FAMILY_CAMERA = { minBps: 80_000, maxBps: 250_000 };
/**
 * Percent. Once an upload is halved, all of what is left is needed: room for what a second holds too much after a stall, and on the
 * smallest uplink for reports, which take 20 kbit/s.
 */
const FAMILY_HEADROOM = 80;

function relative(id: string, uploadMbit: number, beside: readonly StreamSpec[] = [VOICE]): PeerSpec {
  return peer(id, uploadMbit, { bitrate: FAMILY_CAMERA, headroom: FAMILY_HEADROOM, beside });
}

/** The last two have too little upload to send even the least of their camera to all four others. */
const FAMILY = [
  relative('A', 4.2, [VOICE, SCREEN]),
  relative('B', 4),
  relative('C', 2),
  relative('D', 0.35),
  relative('E', 0.3),
];

const IN_PAGE = { source: 'page' } as const;

/** Red, green and blue, as a phone's snapshot tells them apart. */
const COLOURS = { A: 'b02020', B: '20a040', C: '2040c0' } as const;

const FAREWELL_PEERS = [peer('A', 10), peer('B', 5), peer('C', 2), peer('D', 5)];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: '1',
    title: 'C joins with too little upload for two copies, asks, and is relayed',
    peers: [peer('A', 5), peer('B', 10), peer('C', 2)],
    steps: [
      { do: 'join', peers: ['A', 'B'] },
      { do: 'join', peers: ['C'] },
    ],
    expect: [{ see: 'relayed', peer: 'C' }],
  },
  {
    name: '2',
    title: 'D joins a running call: D is relayed, and C now needs a relay too',
    peers: [peer('A', 5), peer('B', 10), peer('C', 3), peer('D', 2)],
    steps: [
      { do: 'join', peers: ['A', 'B', 'C'] },
      { do: 'join', peers: ['D'] },
    ],
    expect: [
      { see: 'relayed', peer: 'D' },
      { see: 'relayed', peer: 'C' },
    ],
  },
  {
    name: '3',
    title: 'D speaks no RPR: called like any RTP endpoint, it still gets relayed packets',
    peers: [peer('A', 5), peer('B', 10), peer('C', 2), peer('D', 10, { compatible: false })],
    steps: [
      { do: 'join', peers: ['A', 'B'] },
      { do: 'join', peers: ['D'] },
      { do: 'join', peers: ['C'] },
    ],
    expect: [
      { see: 'relayed', peer: 'C' },
      { see: 'relayedTo', source: 'C', receiver: 'D' },
      { see: 'leftAlone', peer: 'D' },
    ],
  },
  {
    name: '4',
    title: "C's relay leaves: the hand-over to another one costs no packet",
    peers: FAREWELL_PEERS,
    steps: [
      { do: 'join', peers: ['A', 'B', 'C', 'D'] },
      { do: 'leave', peer: { relayOf: 'C' } },
    ],
    expect: [
      { see: 'relayed', peer: 'C' },
      { see: 'handedOver', source: 'C' },
    ],
  },
  {
    name: 'crash',
    title: "C's relay is killed: C notices the silence and recovers by itself",
    peers: FAREWELL_PEERS,
    steps: [
      { do: 'join', peers: ['A', 'B', 'C', 'D'] },
      { do: 'kill', peer: { relayOf: 'C' } },
    ],
    expect: [
      { see: 'relayed', peer: 'C' },
      { see: 'recovered', source: 'C' },
    ],
  },
  {
    name: 'video',
    title: 'Real VP8 from ffmpeg: frames decoded behind a relay equal those received directly',
    peers: [peer('A', 5, { sink: 'recorded' }), peer('B', 10, { sink: 'recorded' }), peer('C', 2, { source: 'video' })],
    steps: [
      { do: 'join', peers: ['A', 'B'] },
      { do: 'join', peers: ['C'] },
    ],
    expect: [
      { see: 'relayed', peer: 'C' },
      { see: 'sameFrames', source: 'C' },
    ],
  },
  {
    name: 'browser',
    title: 'Three people with pages in a browser, one with too little upload for two copies: its camera is relayed',
    peers: [peer('A', 5, IN_PAGE), peer('B', 10, IN_PAGE), peer('C', 0.5, IN_PAGE)],
    steps: [
      { do: 'join', peers: ['A', 'B'] },
      { do: 'join', peers: ['C'] },
    ],
    expect: [{ see: 'relayed', peer: 'C' }, { see: 'decoded' }],
  },
  {
    name: 'sip',
    title:
      'D is a real SIP phone, baresip, that dials ROOM.C: C is relayed to it, the relay is killed, and the picture stays',
    peers: [
      peer('A', 5, { source: 'video', colour: COLOURS.A }),
      peer('B', 10, { source: 'video', colour: COLOURS.B }),
      peer('C', 2, { source: 'video', colour: COLOURS.C }),
      peer('D', 10, { compatible: false, phoneSees: 'C' }),
    ],
    steps: [
      { do: 'join', peers: ['A', 'B'] },
      { do: 'join', peers: ['D'] },
      { do: 'join', peers: ['C'] },
      { do: 'kill', peer: { relayOf: 'C' } },
    ],
    expect: [
      { see: 'relayed', peer: 'C' },
      { see: 'relayedTo', source: 'C', receiver: 'D' },
      { see: 'leftAlone', peer: 'D' },
      { see: 'recovered', source: 'C' },
      { see: 'phoneShows', peer: 'D', source: 'C' },
      { see: 'phoneLosesNothing', peer: 'D' },
    ],
  },
  {
    name: 'nat',
    title: 'A and B sit behind symmetric NATs, which refuse each other: C, which is open, carries their packets',
    peers: [peer('A', 10), peer('B', 10), peer('C', 20)],
    sites: { A: 'symmetric', B: 'symmetric', C: 'public' },
    steps: [
      { do: 'join', peers: ['C', 'A'] },
      { do: 'join', peers: ['B'] },
    ],
    expect: [
      { see: 'relayedTo', source: 'A', receiver: 'B' },
      { see: 'relayedTo', source: 'B', receiver: 'A' },
    ],
  },
  {
    name: 'family',
    title: 'Five with voice and camera, one with a screen; an upload is halved in mid-call, and no word is lost',
    peers: FAMILY,
    steps: [
      { do: 'join', peers: FAMILY.map(({ id }) => id) },
      { do: 'upload', peer: 'A', uploadBps: 2.1 * MBIT },
    ],
    expect: [
      { see: 'relayed', peer: 'D' },
      { see: 'relayed', peer: 'E' },
      { see: 'voicesWhole' },
      { see: 'voicesKept' },
    ],
  },
  {
    name: 'big',
    title:
      'Twelve peers that need all of their mixed uploads, all-to-all: every source runs at the rate that the plan gives it',
    peers: BIG_PEERS,
    // One by one: where two cores start twelve calls at once, processes stand still for longer than a live relay is silent.
    steps: BIG_PEERS.map(({ id }) => ({ do: 'join', peers: [id] })),
    expect: [{ see: 'plannedRates' }, { see: 'relayed', peer: 'L' }],
  },
];
