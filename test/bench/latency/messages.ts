/** What a join costs on the bus, in rooms of several sizes. */
import type { BusMessage } from '../../../actors/watch/bus-tap.ts';
import { inRoom } from '../../scenarios/playing/in-room.ts';
import type { PeerSpec } from '../../scenarios/scenario.ts';
import { MessageCounter, type MessagesPerJoin } from '../message-counter.ts';

/** With the joiner. */
const SIZES = [4, 8, 16];
/** The middle one counts. */
const JOINS = 3;
/** Low, because what is counted is messages: sixteen peers send each other 240 streams. bit/s. */
const SOURCE_BPS = 200_000;
/** Every so many of the members has too little upload for a full mesh, and so has each joiner. */
const POOR_EVERY = 4;

export async function measureMessages(say: (line: string) => void): Promise<MessagesPerJoin[]> {
  const results: MessagesPerJoin[] = [];
  for (const size of SIZES) results.push(await measureSize(size, say));
  return results;
}

/** The exponent e of messages ~ N^e, from the smallest to the largest room. */
export function growthOf(results: readonly MessagesPerJoin[], key: 'published' | 'received'): number {
  const [first, last] = [results[0], results.at(-1)];
  if (first === undefined || last === undefined) return Number.NaN;
  return Math.log(last[key] / first[key]) / Math.log(last.peers / first.peers);
}

async function measureSize(size: number, say: (line: string) => void): Promise<MessagesPerJoin> {
  const peer = (id: string, copies: number): PeerSpec => {
    return { id, uploadBps: copies * SOURCE_BPS, bitrate: { minBps: SOURCE_BPS, maxBps: SOURCE_BPS } };
  };
  const members = Array.from({ length: size - 1 }, (_, index) =>
    peer(`P${index + 1}`, index % POOR_EVERY === POOR_EVERY - 1 ? size / 2 : 3 * size),
  );
  const joiners = Array.from({ length: JOINS }, (_, index) => peer(`J${index + 1}`, 2));
  const counter = new MessageCounter(size);
  const onMessage = (message: BusMessage) => counter.take(message);
  const joins = await inRoom([...members, ...joiners], { say, onMessage }, async ({ room }) => {
    const counts: MessagesPerJoin[] = [];
    for (const { id } of members) await room.join(id);
    await room.settle();
    for (const { id } of joiners) {
      counter.reset();
      await room.join(id);
      const missing = await room.settle();
      counts.push(counter.result());
      say(`${size} peers, ${id}: ${counts.at(-1)?.published} messages${missing.length > 0 ? `; ${missing[0]}` : ''}`);
      await room.dismiss(id, 'leave');
      await room.settle();
    }
    return counts;
  });
  const sorted = joins.sort((a, b) => a.published - b.published);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('no join was counted');
  return middle;
}
