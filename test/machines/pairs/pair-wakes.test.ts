/** Whoever asks a peer's pairs what is due when they say so is told to come again later, not at once and for ever. */
import test from 'ava';
import { Pairing } from '../../../machines/pairs/pairing.ts';

test('at any fraction of a millisecond', (t) => {
  for (let start = 0; start < 200; start++) {
    const pairing = new Pairing({ self: { id: 'A', epoch: 1 }, newTransaction: () => 'x', luck: () => 0.5 });
    pairing.follow([{ peer: 'B', epoch: 1, nat: 'unknown', isBeside: false, claim: null }], 0);
    // Sums round differently from differences where they pass a power of two, here 2^14.
    const beginMs = 16_290 + (start * 90) / 203;
    pairing.due(beginMs);
    for (let nowMs = beginMs; nowMs < beginMs + 90; nowMs += 30) pairing.heard('B', nowMs);
    for (let looks = 0; looks < 3; looks++) {
      const { wakeMs } = pairing;
      pairing.due(wakeMs);
      t.true(pairing.wakeMs > wakeMs, `${wakeMs} ms`);
    }
  }
});
