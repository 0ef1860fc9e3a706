/**
 * What gives way where not everything fits, and only that: pairs that the limits of one member rule out, streams that ask for
 * far more than their fair share, and receivers of streams that ask for more than theirs.
 */
import { above, type Bound, boundOf } from './bound.ts';
import { type Room, type RoomStream, sum, wantedStreams, withAudiences, withWants } from './room.ts';

/**
 * The room without what can't be whatever is left out elsewhere: wants below the least rate, what is beyond a receiver's download,
 * streams that their owner can't send once, and copies that a plain endpoint can't send itself.
 */
export function withinOwnLimits(room: Room): Room {
  const wanted = withinCaps(room);
  const sent = withSendable(wanted);
  const received = withinDownloads(sent);
  return received === sent ? sent : withSendable(received);
}

/** Audio before video and low rates before high ones have what an owner can send at least. */
function withSendable(room: Room): Room {
  const audiences = room.streams.map(({ audience }) => audience);
  for (const { usableBps, compatible, streams } of room.peers) {
    let left = usableBps;
    for (const index of cheapestFirst(room, streams)) {
      const { minBps = 0, audience = 0 } = room.streams[index] ?? {};
      if (minBps === 0 || audience === 0) continue;
      const copies = Math.floor(left / minBps + ROUNDING);
      const served = compatible && copies > 0 ? audience : Math.min(audience, copies);
      audiences[index] = served;
      left -= minBps * (compatible ? Math.min(1, served) : served);
    }
  }
  return audiences.every((count, index) => count === room.streams[index]?.audience)
    ? room
    : withAudiences(room, audiences);
}

/** How many times its fair share the least rate of a stream may be: it may cost the others what two streams would. */
const MOST_SHARES = 2;

/**
 * Streams that ask for far more than their fair share where others pay for it: they are served with what the others leave.
 * Not those that their owner can send to everybody itself.
 *
 * @param bound of the room with all least rates honoured
 */
export function outsized(room: Room, bound: Bound): number[] {
  const isVideo = (index: number): boolean => room.streams[index]?.audio === false;
  const lowered = bound.rates.filter((_, index) => isVideo(index) && isServed(room, index) && !bound.held[index]);
  const lowest = bound.feasible ? Math.min(...lowered) : 0;
  const suspects = room.streams.flatMap(({ minBps }, index) => (minBps > MOST_SHARES * lowest ? [index] : []));
  if (suspects.length === 0) return [];
  const fair = fairRates(room);
  return suspects.filter((index) => {
    const { minBps = 0, audience = 0, owner = 0 } = room.streams[index] ?? {};
    if (!isVideo(index) || audience === 0 || !above(minBps, MOST_SHARES * (fair[index] ?? 0))) return false;
    return above(ownNeed(room, owner), room.peers[owner]?.usableBps ?? 0);
  });
}

/**
 * The room in which streams that ask for more than their fair share have only the receivers that this pays for.
 *
 * @param part of the fair share: filling whole legs wastes some
 */
export function withFairAudiences(room: Room, part: number): Room {
  const fair = fairRates(room);
  const audiences = room.streams.map(({ audio, minBps, audience }, index) => {
    const rate = fair[index] ?? 0;
    return audio || minBps <= rate ? audience : Math.floor((part * audience * rate) / minBps + ROUNDING);
  });
  return withAudiences(room, audiences);
}

/** What the bound would give every stream if no video had a least rate; nothing where not even the audio fits. */
function fairRates(room: Room): readonly number[] {
  const streams = room.streams.map((stream): RoomStream => (stream.audio ? stream : { ...stream, minBps: 0 }));
  // What one receiver can't download is no reason to send less to the others.
  const peers = room.peers.map((peer) => ({ ...peer, downloadBps: Number.POSITIVE_INFINITY }));
  const { feasible, rates } = boundOf({ ...room, peers, streams });
  return feasible ? rates : rates.map(() => 0);
}

/** What the streams of a peer cost at their least rates if it sent all copies itself, bit/s. */
function ownNeed({ peers, streams }: Room, owner: number): number {
  return sum(
    (peers[owner]?.streams ?? []).map((index) => (streams[index]?.audience ?? 0) * (streams[index]?.minBps ?? 0)),
  );
}

function isServed(room: Room, index: number): boolean {
  return (room.streams[index]?.audience ?? 0) > 0;
}

const ROUNDING = 1e-9;

/**
 * The room with as large audiences of some streams as it holds beside all others. They rise together, one receiver at a time; who
 * can't rise any more stops, and the others go on.
 *
 * @param served the same room with the audiences that are served anyhow; the others start there
 * @param part how much of what is left of the lent upload may be used: filling whole legs wastes some
 */
export function withAffordableAudiences(
  room: Room,
  served: Room,
  rates: readonly number[],
  late: readonly number[],
  part: number,
): Room {
  const wanted = room.streams.map(({ audience }) => audience);
  const pool = new Pool(served, rates);
  const before = pool.taken;
  const fits = (): boolean =>
    pool.impossible === 0 &&
    !above(pool.taken, before + part * (pool.given - before)) &&
    !above(pool.taken, pool.given);
  const raise = (index: number, level: number): void => {
    pool.set(index, Math.max(pool.counts[index] ?? 0, Math.min(wanted[index] ?? 0, level)));
  };
  let rising = late.filter((index) => (pool.counts[index] ?? 0) < (wanted[index] ?? 0));
  while (rising.length > 0) {
    const start = rising.map((index) => pool.counts[index] ?? 0);
    const reset = (): void => {
      for (const [at, index] of rising.entries()) pool.set(index, start[at] ?? 0);
    };
    const level = largest(room.peers.length, (tried) => {
      for (const index of rising) raise(index, tried);
      const passes = fits();
      reset();
      return passes;
    });
    for (const index of rising) raise(index, level);
    const cheapest = [...rising].sort((a, b) => (rates[a] ?? 0) - (rates[b] ?? 0) || a - b);
    const rose = new Set<number>();
    for (const index of cheapest) {
      const count = pool.counts[index] ?? 0;
      if (count >= (wanted[index] ?? 0)) continue;
      pool.set(index, count + 1);
      if (fits()) rose.add(index);
      else pool.set(index, count);
    }
    rising = rising.filter((index) => rose.has(index));
  }
  return withAudiences(room, pool.counts);
}

/** What owners take from the others and what these lend, while audiences change. */
class Pool {
  readonly counts: number[];
  taken = 0;
  given = 0;
  /** Owners that can't send what only they can send. */
  impossible = 0;
  readonly #room: Room;
  readonly #rates: readonly number[];

  constructor(room: Room, rates: readonly number[]) {
    this.counts = room.streams.map(({ audience }) => audience);
    this.#room = room;
    this.#rates = rates;
    for (const owner of room.peers.keys()) this.#add(owner, 1);
  }

  set(stream: number, count: number): void {
    const owner = this.#room.streams[stream]?.owner ?? 0;
    this.#add(owner, -1);
    this.counts[stream] = count;
    this.#add(owner, 1);
  }

  #add(owner: number, sign: 1 | -1): void {
    const { usableBps = 0, lendBps = 0, compatible = true, streams = [] } = this.#room.peers[owner] ?? {};
    let once = 0;
    let all = 0;
    for (const index of streams) {
      const count = this.counts[index] ?? 0;
      const rate = this.#rates[index] ?? 0;
      once += (compatible ? Math.min(1, count) : count) * rate;
      all += count * rate;
    }
    if (above(once, usableBps)) this.impossible += sign;
    if (all > usableBps) this.taken += sign * (all - usableBps);
    else this.given += sign * Math.min(usableBps - all, lendBps);
  }
}

/** The largest whole number up to a limit that passes; 0 always does. */
function largest(limit: number, passes: (value: number) => boolean): number {
  let low = 0;
  let high = limit + 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Audio before video, low rates before high ones. */
function cheapestFirst({ streams }: Room, own: readonly number[]): number[] {
  const isAudio = (index: number): number => Number(streams[index]?.audio ?? false);
  const least = (index: number): number => streams[index]?.minBps ?? 0;
  return own.length < 2 ? [...own] : [...own].sort((a, b) => isAudio(b) - isAudio(a) || least(a) - least(b) || a - b);
}

/** Who wants a stream at less than its least rate does without. */
function withinCaps(room: Room): Room {
  const isTooLow = (receiver: number, stream: number): boolean =>
    (room.caps[receiver]?.get(stream) ?? Number.POSITIVE_INFINITY) < (room.streams[stream]?.minBps ?? 0);
  const wants = room.wants.map((set, receiver) => {
    const low = [...(room.caps[receiver]?.keys() ?? [])].filter((stream) => isTooLow(receiver, stream));
    return set === null || low.length === 0 ? set : new Set([...set].filter((stream) => !low.includes(stream)));
  });
  return wants.every((set, receiver) => set === room.wants[receiver]) ? room : withWants(room, wants);
}

/** A receiver whose download is too small for all that it wants does without the videos that most others receive, audio last. */
function withinDownloads(room: Room): Room {
  const audience = room.streams.map((stream) => stream.audience);
  const wants = [...room.wants];
  const least = (stream: number): number => room.streams[stream]?.minBps ?? 0;
  const isAudio = (stream: number): number => Number(room.streams[stream]?.audio ?? false);
  room.peers.forEach(({ downloadBps }, receiver) => {
    if (!Number.isFinite(downloadBps)) return;
    const all = wantedStreams(room, receiver);
    const wanted = all.filter((stream) => (audience[stream] ?? 0) > 0);
    let excess = sum(wanted.map(least)) - downloadBps * (1 + ROUNDING);
    if (excess <= 0 && wanted.length === all.length) return;
    const kept = new Set(wanted);
    const popularFirst = wanted
      .filter((stream) => least(stream) > 0)
      .sort((a, b) => isAudio(a) - isAudio(b) || (audience[b] ?? 0) - (audience[a] ?? 0) || a - b);
    for (const stream of popularFirst) {
      if (excess <= 0) break;
      kept.delete(stream);
      audience[stream] = (audience[stream] ?? 0) - 1;
      excess -= least(stream);
    }
    wants[receiver] = kept;
  });
  return wants.every((set, receiver) => set === room.wants[receiver]) ? room : withWants(room, wants);
}
