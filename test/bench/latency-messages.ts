/** What a join costs on the bus, in rooms of several sizes. */
import type { Kind } from '../../machines/messages.ts';
import { ALL } from '../../machines/subjects.ts';
import type { BusMessage } from '../scenarios/playing/bus-tap.ts';
import { inRoom } from '../scenarios/playing/in-room.ts';
import type { PeerSpec } from '../scenarios/scenario.ts';

/** With the joiner. */
const SIZES = [4, 8, 16];
/** The middle one counts. */
const JOINS = 3;
/** Low, because what is counted is messages: sixteen peers send each other 240 streams. bit/s. */
const SOURCE_BPS = 200_000;
/** Every so many of the members has too little upload for a full mesh, and so has each joiner. */
const POOR_EVERY = 4;

export interface MessagesPerJoin {
  readonly peers: number;
  /** Once for each message, whoever it goes to. */
  readonly published: number;
  /** A message to all counts once for each peer that gets it. */
  readonly received: number;
  /** Published. */
  readonly byKind: Readonly<Partial<Record<Kind, number>>>;
}

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

/** Counts what is said because something happened: a presence or an accept that only repeats is a sign of life. */
class MessageCounter {
  readonly #size: number;
  readonly #presences = new Map<string, string>();
  readonly #accepted = new Set<string>();
  #byKind: Partial<Record<Kind, number>> = {};
  #published = 0;
  #received = 0;

  constructor(size: number) {
    this.#size = size;
  }

  reset(): void {
    this.#byKind = {};
    this.#published = 0;
    this.#received = 0;
  }

  take(message: BusMessage): void {
    if (this.#repeats(message)) return;
    const { to } = message;
    const { kind } = message.message;
    this.#published++;
    this.#received += to === ALL ? this.#size - 1 : 1;
    this.#byKind[kind] = (this.#byKind[kind] ?? 0) + 1;
  }

  result(): MessagesPerJoin {
    return { peers: this.#size, published: this.#published, received: this.#received, byKind: { ...this.#byKind } };
  }

  #repeats({ from, to, message }: BusMessage): boolean {
    if (message.kind === 'presence' && to === ALL) {
      const said = JSON.stringify(message.body);
      const repeats = this.#presences.get(from) === said;
      this.#presences.set(from, said);
      return repeats;
    }
    if (message.kind !== 'relay.accept') return false;
    const { agreement, revision } = message.body;
    const key = `${agreement} ${revision}`;
    const renews = this.#accepted.has(key);
    this.#accepted.add(key);
    return renews;
  }
}
