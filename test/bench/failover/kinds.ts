/** What happens to a relay, and to whatever else at the same moment. */
import type { PeerId } from '../../../machines/messages.ts';
import type { Room } from '../../scenarios/playing/room.ts';
import type { PeerSpec } from '../../scenarios/scenario.ts';
import type { Outage } from './outage.ts';

export const KINDS = ['handover', 'crash', 'stall', 'nats', 'two'] as const;
export type Kind = (typeof KINDS)[number];

/** How long a relay's process stands still, and NATS is away, in ms. */
const STALL_MS = 1_000;
const AWAY_MS = 60_000;
/** Until NATS is back for all: they try each 250 to 350 ms. In ms. */
const RETURN_MS = 1_000;

export interface Stage {
  readonly room: Room;
  /** The relay of {@link CLIENT}. */
  readonly relay: PeerId;
  readonly outage: Outage;
  readonly signal: AbortSignal;
}

export interface FailoverKind {
  readonly about: string;
  /** Lets it happen; resolves with those that do not receive any more, or stood still meanwhile. */
  readonly happen: (stage: Stage) => Promise<readonly PeerId[]>;
}

/** Whose packets are watched: it has upload for one copy, and needs a relay. */
export const CLIENT: PeerId = 'C';
/** Who has most upload is the relay; the one after it is asked next. */
const CANDIDATES: readonly PeerId[] = ['A', 'B'];

/** Of each camera, in bit/s: twenty streams of more leave two cores no time for the lab's delays. A packet comes each 20 ms. */
const CAMERA_BPS = 500_000;
/** In copies of one's own camera. */
const UPLOADS: Readonly<Record<PeerId, number>> = { A: 12, B: 9, C: 1.9, D: 6, E: 6 };
export const PEERS: readonly PeerSpec[] = Object.entries(UPLOADS).map(([id, copies]) => ({
  ...{ id, uploadBps: copies * CAMERA_BPS, bitrate: { minBps: CAMERA_BPS, maxBps: CAMERA_BPS } },
}));

export const FAILOVERS: Readonly<Record<Kind, FailoverKind>> = {
  handover: {
    about: 'the relay leaves in good order',
    happen: async ({ room, relay }) => {
      await room.dismiss(relay, 'leave');
      return [relay];
    },
  },
  crash: {
    about: 'the relay is killed',
    happen: async ({ room, relay }) => {
      room.signal(relay, 'SIGKILL');
      return [relay];
    },
  },
  stall: {
    about: "the relay's process stands still for a second",
    happen: async ({ room, relay, signal }) => {
      room.signal(relay, 'SIGSTOP');
      await room.dilation.delay(STALL_MS, signal);
      room.signal(relay, 'SIGCONT');
      return [relay];
    },
  },
  nats: {
    about: 'the relay is killed as NATS goes away for a minute',
    happen: async ({ room, relay, outage, signal }) => {
      outage.begin();
      room.signal(relay, 'SIGKILL');
      await room.dilation.delay(AWAY_MS, signal);
      outage.end();
      await room.dilation.delay(RETURN_MS, signal);
      return [relay];
    },
  },
  two: {
    about: 'the relay and the next best are killed at once',
    happen: async ({ room, relay }) => {
      const next = CANDIDATES.filter((id) => id !== relay).slice(0, 1);
      for (const id of [relay, ...next]) room.signal(id, 'SIGKILL');
      return [relay, ...next];
    },
  },
};
