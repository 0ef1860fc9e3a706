/** What a way loses of itself, by chance now more and now less, is no full line; what a line drops beyond that is. */
import test from 'ava';
import { deliveredOf } from '../../machines/uplink/delivered.ts';
import { Leg } from '../../machines/uplink/leg.ts';
import { SLOT_MS } from '../../machines/uplink/slots.ts';
import { Random } from '../simulation/world/random.ts';

const PACKET_BYTES = 1200;
/** What is younger may not have been told of yet. */
const TOLD_AFTER_SLOTS = 12;

interface Way {
  readonly legs?: number;
  readonly perSecond: number;
  /** Share that is lost at random, and beside it from a slot on. */
  readonly loss: number;
  readonly drops?: { readonly share: number; readonly fromSlot: number };
}

/** In which slots the line is taken for full. */
function alarmsOf(seed: number, seconds: number, { legs: count = 1, perSecond, loss, drops }: Way): number[] {
  const random = new Random(seed);
  const legs = Array.from({ length: count }, (_, index) => new Leg(`${index}`));
  const alarms: number[] = [];
  let due = 0;
  for (let slot = 0; slot < (1000 * seconds) / SLOT_MS; slot++) {
    due += (perSecond * SLOT_MS) / 1000;
    const share = drops !== undefined && slot >= drops.fromSlot ? loss + drops.share : loss;
    const nowMs = slot * SLOT_MS;
    for (const { slots, floor } of legs) {
      for (let packet = 0; packet < Math.floor(due); packet++) {
        if (random.chance(share)) slots.lost(nowMs, PACKET_BYTES);
        else slots.arrivedSometime(nowMs, PACKET_BYTES);
      }
      const settled = slot - TOLD_AFTER_SLOTS;
      if (settled >= 0) floor.take(slots.between(settled, settled), nowMs);
    }
    due -= Math.floor(due);
    if (deliveredOf(legs, slot, 8 * PACKET_BYTES * perSecond * count) !== undefined) alarms.push(slot);
  }
  return alarms;
}

for (const [loss, perSecond, legs] of [
  [0.01, 110, 1],
  [0.02, 110, 1],
  [0.05, 60, 1],
  [0.05, 110, 1],
  [0.05, 110, 2],
  [0.05, 500, 1],
] as const) {
  test(`${100 * loss} % of ${perSecond} packets a second to ${legs} lost at random is hardly ever taken for a full line`, (t) => {
    const way = { loss, perSecond, legs };
    const rooms = Array.from({ length: 60 }, (_, seed) => alarmsOf(seed, 30, way).length > 0);
    // Once in a quarter of an hour or less; it was once a minute.
    t.true(rooms.filter(Boolean).length <= 2, `${rooms.filter(Boolean).length} of 60 half minutes`);
  });
}

test('what a line drops without a queue is found within a second, on ways that lose of themselves too', (t) => {
  for (const loss of [0, 0.01, 0.05]) {
    for (let seed = 0; seed < 20; seed++) {
      const fromSlot = 400;
      const alarms = alarmsOf(seed, 12, { loss, perSecond: 220, drops: { share: 0.25, fromSlot } });
      const first = alarms.find((slot) => slot >= fromSlot) ?? Number.POSITIVE_INFINITY;
      t.true(first - fromSlot <= 1000 / SLOT_MS, `${loss}, ${seed}: ${(first - fromSlot) * SLOT_MS} ms`);
    }
  }
});
