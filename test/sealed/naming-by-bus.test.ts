/** A relay that is the only way, drops all digests and makes packets up: how soon it is named, and what it costs until then. Virtual time. */
import test from 'ava';
import { VirtualRelayed } from './virtual-relayed.ts';

const BY_R = { owner: 'A', stream: 'camera', via: 'R', fault: 'forged' } as const;
/** When it begins, so that nothing hangs on where that is between two digests. */
const PHASES = Array.from({ length: 25 }, (_, each) => 20 * each);

/** @param before how long it has dropped digests by then, in ms @returns how long the first forged packet had been played when it was named, in ms */
function namedAfter(before: number, ahead: number): { readonly ms: number; readonly lost: number } {
  const room = new VirtualRelayed();
  room.run(before);
  let isFirst = true;
  room.instead = (index) => {
    const forged = isFirst ? index + ahead : undefined;
    isFirst = false;
    return forged;
  };
  while (room.named.length === 0 && room.clock.now() < before + 10_000) room.run(20);
  const forged = room.played.find(({ isForged }) => isForged);
  const ms = room.clock.now() - (forged?.atMs ?? Number.NaN);
  room.run(2000);
  if (JSON.stringify(room.named) !== JSON.stringify([BY_R])) throw new Error(`named are ${JSON.stringify(room.named)}`);
  return { ms, lost: room.lost };
}

for (const [what, before] of [
  ['at once', 1000],
  ['after it has dropped digests for half a minute', 30_000],
] as const) {
  test(`who replaces a packet ${what} is named within a second`, (t) => {
    const named = PHASES.map((phase) => namedAfter(before + phase, 0));
    for (const { ms } of named) t.true(ms <= 1000, `${ms} ms`);
  });
}

test('one far ahead shuts out what the source sends until it is named, for a second at most', (t) => {
  for (const ahead of [2000, 20_000]) {
    const named = PHASES.map((phase) => namedAfter(1000 + phase, ahead));
    for (const { ms, lost } of named) {
      t.true(ms <= 1000, `${ms} ms`);
      t.true(lost <= ms / 20 + 1, `${lost} packets`);
    }
  }
});

test('nobody is named where nothing is made up, though all digests are dropped', (t) => {
  const room = new VirtualRelayed();
  room.run(60_000);
  t.deepEqual(room.named, []);
  t.is(room.lost, 0);
  t.true(room.played.every(({ isForged }) => !isForged));
});
