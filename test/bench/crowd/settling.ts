/** How a crowd comes together on few cores: some peers at a time, and asked how it is seldom enough to get on with it. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  deliveriesIn,
  isServed,
  type PairDelivery,
  type Snapshot,
  windowsBetween,
} from '../../scenarios/judging/delivery.ts';
import { ScenarioError } from '../../scenarios/playing/errors.ts';
import type { Room } from '../../scenarios/playing/room.ts';
import type { PeerSpec } from '../../scenarios/scenario.ts';

/**
 * So many join at once, as when a meeting begins: whoever is there tells everybody how its source takes up a newcomer, which for
 * one after the other adds up to the cube of the room's size, and to minutes of two cores.
 */
const JOIN_TOGETHER = 10;
/** Between two such groups at least, in ms: the plan that a join needs is made once for all that changed with it. */
const JOIN_PAUSE_MS = 1_000;
/** Between two looks at the room, in ms: fifty reports on forty-nine sources each are work for a second. */
const LOOK_MS = 2_000;
/** So many looks in a row at which everybody got everything are a room at rest: plans still move after two of them. */
const CALM_LOOKS = 4;
/** A room that has not come to rest after this long is measured as it is. In ms. */
const SETTLE_MS = 90_000;
/** Each comes after the five seconds that an answer may take. */
const MOST_RETRIES = 6;

/** Group after group: each joins when everybody of the one before has met everybody, or has had the time to. */
export async function joinInGroups(
  specs: readonly PeerSpec[],
  room: Room,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let joined = 0; joined < specs.length; joined = room.present.size) {
    const group = specs.slice(joined, joined + JOIN_TOGETHER);
    await Promise.all(group.map(({ id }) => patiently(() => room.join(id))));
    say(`${room.present.size} of ${specs.length} have joined`);
    await delay(JOIN_PAUSE_MS, undefined, { signal });
  }
}

/** Waits until everybody gets all that is sent; `false` where that does not come about. */
export async function settle(room: Room, say: (line: string) => void, signal: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + SETTLE_MS;
  let [older, newer] = [await patiently(() => room.ask()), await lookAgain(room, signal)];
  for (let calm = 0; calm < CALM_LOOKS; ) {
    if (performance.now() > deadline) return false;
    const windows = windowsBetween(older, newer);
    const now = await lookAgain(room, signal, windows);
    const deliveries = deliveriesIn(windows, now);
    const unserved = deliveries.filter((pair) => !isServed(pair));
    const strangers = [...now.values()].reduce((sum, { members }) => sum + now.size - 1 - members.length, 0);
    say(
      `${unserved.length} of ${deliveries.length} pairs are not served in full${unserved.slice(0, 1).map(exampleOf)}; ` +
        `${strangers} do not know each other`,
    );
    calm = unserved.length === 0 && strangers === 0 ? calm + 1 : 0;
    [older, newer] = [newer, now];
  }
  return true;
}

function exampleOf({ source, receiver, received, expected, duplicates }: PairDelivery): string {
  return ` (${source}>${receiver}: ${received} of ${expected}, ${duplicates} twice)`;
}

async function lookAgain(
  room: Room,
  signal: AbortSignal,
  windows: ReturnType<typeof windowsBetween> = [],
): Promise<Snapshot> {
  await delay(LOOK_MS, undefined, { signal });
  return patiently(() => room.ask({ windows }));
}

/** Peers that share few cores may be too busy to answer: then they are asked again. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = MOST_RETRIES; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ScenarioError) || error.code !== 'peer.mute' || left === 0) throw error;
    }
  }
}
