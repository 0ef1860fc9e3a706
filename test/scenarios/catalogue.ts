/** The scenarios, as data: who takes part, what happens, what must be seen. */
import type { PeerSpec, Scenario } from './scenario.ts';

const MBIT = 1_000_000;
/** Every source has this rate unless a scenario is about rates. */
const SOURCE_BPS = MBIT;

function peer(id: string, uploadMbit: number, changes: Partial<PeerSpec> = {}): PeerSpec {
  return { id, uploadBps: uploadMbit * MBIT, bitrate: { minBps: SOURCE_BPS, maxBps: SOURCE_BPS }, ...changes };
}

/** Video from 180p on, bit/s, so modest that two processor cores carry all 132 pairs. */
const FREE_RATE = { minBps: 150_000, maxBps: 250_000 };
/** A small camera. */
const SMALL_RATE = { minBps: 150_000, maxBps: 200_000 };
/** Mbit/s. Five of twelve can send everybody a copy; together they have a fifth more than all copies need. */
const BIG_UPLOADS = [10, 8, 6, 4, 3, 2.5, 2, 1.6, 1.4, 1.2, 1, 0.6];
const BIG_PEERS = BIG_UPLOADS.map((upload, index) => {
  const bitrate = upload < 1.2 ? SMALL_RATE : FREE_RATE;
  return peer(String.fromCharCode('A'.charCodeAt(0) + index), upload, { bitrate });
});

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
    name: 'big',
    title:
      'Twelve peers with mixed uploads, all-to-all: every source runs at the rate that the plan of the room gives it',
    peers: BIG_PEERS,
    steps: [{ do: 'join', peers: BIG_PEERS.map(({ id }) => id) }],
    expect: [{ see: 'plannedRates' }, { see: 'relayed', peer: 'L' }],
  },
];
