/** Whose ways count where some are new: of one that is new to a full line the queue would be taken for its length. */
import test from 'ava';
import { type KnownWay, knownReadings, type Reading } from '../../machines/uplink/shared-queue.ts';

const WAITING_MS = 12;

function ways(known: readonly number[], fresh: readonly number[]): (Reading & { readonly way: KnownWay })[] {
  const read = (isWayKnown: boolean) => (queueMs: number, index: number) => ({
    ...{ leg: `${isWayKnown ? 'known' : 'new'} ${index}`, queueMs },
    way: { isWayKnown },
  });
  return [...known.map(read(true)), ...fresh.map(read(false))];
}

const counted = (all: ReturnType<typeof ways>) => knownReadings(all, WAITING_MS).map(({ leg }) => leg);

test('while all that are known wait, new ones do not count, and stay new', (t) => {
  const all = ways([30, 40], [0, 0]);
  t.deepEqual(counted(all), ['known 0', 'known 1']);
  t.deepEqual(
    all.map(({ way }) => way.isWayKnown),
    [true, true, false, false],
  );
});

test('one that waits alone keeps no new ones out, and they are known from then on', (t) => {
  const all = ways([30, 0], [0]);
  t.deepEqual(counted(all), ['known 0', 'known 1', 'new 0']);
  t.true(all.every(({ way }) => way.isWayKnown));
});

test('where none is known all are new, and count', (t) => {
  t.deepEqual(counted(ways([], [30, 0])), ['new 0', 'new 1']);
});
