/** What some peers of a room have lost of each other's streams. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerId } from '../../../../machines/messages.ts';
import type { LabRoom } from '../../../network/rooms/lab-room.ts';
import { deliveriesIn, type Snapshot, windowsBetween } from '../../../scenarios/judging/delivery.ts';

/** The last packets are on their way still, and some of them are asked for again. In ms. */
const ARRIVAL_MS = 1_000;

/** Packets that were sent since then and did not come; undefined where nobody has sent any. */
export async function lostSince(
  room: LabRoom,
  peers: readonly PeerId[],
  before: Snapshot,
  signal: AbortSignal,
): Promise<number | undefined> {
  const windows = windowsBetween(before, await room.ask(peers));
  await delay(ARRIVAL_MS, undefined, { signal });
  const deliveries = deliveriesIn(windows, await room.ask(peers, { windows }));
  const isSending = deliveries.length > 0 && deliveries.every(({ expected }) => expected > 0);
  return isSending ? deliveries.reduce((sum, { lost }) => sum + lost, 0) : undefined;
}
