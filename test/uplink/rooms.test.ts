/** Rooms that nobody has drawn: lines, legs and their faults at random. */
import test from 'ava';
import { drawn } from '../extent.ts';
import type { Random } from '../simulation/world/random.ts';
import { House, quantile } from './house.ts';
import type { Way } from './receiver.ts';

const ROOMS = drawn(60, 180);
const RUN_MS = 5000;
const MBIT = 1e6;

function wayOf(random: Random): Way {
  return {
    delayMs: random.between(5, 80),
    loss: random.chance(0.3) ? random.between(0, 0.05) : 0,
    jitterMs: random.chance(0.3) ? random.between(0, 10) : 0,
    skewPpm: random.between(-100, 100),
    feedbackLoss: random.chance(0.3) ? random.between(0, 0.2) : 0,
  };
}

test(`in ${ROOMS} rooms at random the estimate is off by less than 3 % in the middle after 4 s`, (t) => {
  const errors = Array.from({ length: ROOMS }, (_, seed) => {
    const house = new House({ bps: MBIT, bufferMs: 250 }, seed);
    const { random } = house;
    house.line.carries(MBIT * 10 ** random.between(0, 1.1));
    const ways = Array.from({ length: random.integer(1, 6) }, () => wayOf(random));
    const sender = house.sends({ ways, demandBps: 200 * MBIT, hasAudio: random.chance(0.5) });
    house.run(RUN_MS);
    t.true(sender.state.capacityBps !== undefined);
    return house.middleError(4000);
  });
  t.true(quantile(errors, 0.5) <= 0.03, `${quantile(errors, 0.5)}`);
  t.true(quantile(errors, 0.9) <= 0.2, `${quantile(errors, 0.9)}`);
});
