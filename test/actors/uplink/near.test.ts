/** What is to go to members that are reached without the line: streams of one's own by their slices, and those of others by their legs. */
import test from 'ava';
import { bpsTo } from '../../../actors/uplink/near.ts';
import type { Leaving } from '../../../machines/forwarding/narrow-legs.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';

const HALF = 0x5555;
const OWN: Leaving['own'][number] = {
  ...{ stream: 'camera', ssrc: 1, media: 'video', codec: 'VP8/90000', rateBps: 1_000_000, holders: [] },
  hops: [
    { peer: 'B', slices: HALF },
    { peer: 'C', slices: ALL_SLICES },
  ],
};
const OTHERS: Leaving['relayed'][number] = {
  ...{ client: 'D', stream: 'camera', ssrc: 2, media: 'video', promisedBps: 600_000, limitBps: 900_000 },
  legs: [
    { receiver: 'B', slices: HALF },
    { receiver: 'C', slices: ALL_SLICES },
  ],
};
const SENDING = { own: [OWN], relayed: [OTHERS] };

test('it is the sum of what each of them gets', (t) => {
  t.is(bpsTo(SENDING, new Set()), 0);
  t.is(bpsTo(SENDING, new Set(['B'])), 500_000 + 200_000);
  t.is(bpsTo(SENDING, new Set(['B', 'C', 'D'])), 1_500_000 + 600_000);
});
