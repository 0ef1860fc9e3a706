/** What a measure is given, and what it comes to. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerId } from '../../../machines/messages.ts';
import type { PeerProcess } from '../../integration/peer-process.ts';
import type { LabRoom } from '../../network/rooms/lab-room.ts';
import type { Snapshot } from '../../scenarios/judging/delivery.ts';
import type { Medium } from './medium.ts';
import type { Seats } from './seats.ts';

/** What has not come by then does not come. In ms. */
const PATIENCE_MS = 10_000;
/** How often the peers are asked what they have got: when it came, they tell themselves. In ms. */
const LOOK_MS = 50;

export interface Outcome {
  /** What is to come came. */
  readonly came: boolean;
  /** Undefined where it did not, or no time is measured. */
  readonly ms: number | undefined;
  /** What was counted besides, by its name. */
  readonly counts?: Readonly<Record<string, number>>;
}

export interface Run extends Outcome {
  readonly medium: Medium;
}

export interface Play {
  readonly room: LabRoom;
  readonly seats: Seats;
  readonly a: PeerProcess;
  readonly b: PeerProcess;
  /** Who is in the room besides A and B. */
  readonly others: readonly PeerId[];
  readonly signal: AbortSignal;
  /** When B heard that it is to join, ms since the Unix epoch. */
  readonly joinedMs: number;
  /** What those had sent and got who were there before. */
  readonly before: Snapshot;
}

export function timed(ms: number | undefined, counts: Outcome['counts'] = {}): Outcome {
  return { came: ms !== undefined, ms, counts };
}

/** What each of the two has of the other. */
export function betweenThem(snapshot: Snapshot) {
  return (
    [
      ['A', 'B'],
      ['B', 'A'],
    ] as const
  ).map(([receiver, source]) => snapshot.get(receiver)?.receptions.find((reception) => reception.source === source));
}

/** From B's join until media has come both ways, ms. */
export async function untilMedia({ room, joinedMs, signal }: Play): Promise<number | undefined> {
  const came = await lookFor(signal, async () => {
    const firsts = betweenThem(await room.ask(['A', 'B'])).map(
      (reception) => reception?.firstAt ?? Number.POSITIVE_INFINITY,
    );
    const lastMs = Math.max(...firsts);
    return Number.isFinite(lastMs) ? lastMs : undefined;
  });
  return came === undefined ? undefined : came - joinedMs;
}

/** Looks until there is something; undefined where there is nothing in time. */
export async function lookFor<T>(
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
  patienceMs = PATIENCE_MS,
): Promise<T | undefined> {
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; ) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(LOOK_MS, undefined, { signal });
  }
  return undefined;
}
