/** The own streams come first: what they send now is promised to nobody, though they may soon send less. */
import test from 'ava';
import { run } from '../../../machines/negotiation/asking.ts';
import { spareBps } from '../../../machines/negotiation/ledger.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { after, freshNegotiation, lending } from '../fresh-negotiation.ts';
import { member, RATE_BPS, viewOf } from '../members.ts';

test('a relay has to spare what its own streams leave, from the moment when they run', (t) => {
  const direct = new Map([[null, ALL_SLICES]]);
  const wanted = new Map([
    [
      'camera',
      new Map([
        ['A', direct],
        ['B', direct],
      ]),
    ],
  ]);
  const room = viewOf(member('S', { uploadBps: 5 * RATE_BPS }), member('A'), member('B'));
  const start = {
    ...lending(freshNegotiation(room), 5 * RATE_BPS),
    wanted,
    wantedRates: new Map([['camera', RATE_BPS]]),
  };
  t.is(spareBps(start.relaying.ledger), 5 * RATE_BPS);
  const running = after(start, run(start));
  t.is(spareBps(running.relaying.ledger), 3 * RATE_BPS);
  const stopped = after(running, run({ ...running, wanted: new Map(), wantedRates: new Map() }));
  t.is(spareBps(stopped.relaying.ledger), 5 * RATE_BPS);
});
