/** What comes of members' streams, each through a buffer of its own. */
import test from 'ava';
import { Receiving } from '../../actors/media/repair/receiving.ts';
import { VirtualClock } from '../actors/virtual-clock.ts';

const FROM = { host: '192.0.2.1', port: 5000 };
const PACKET = new Uint8Array(30);
/** Longer than anybody waits for a packet, in ms. */
const LONG_MS = 10_000;

test('what is missed is counted over all streams that come now, and no more once none of them does', (t) => {
  const clock = new VirtualClock();
  const asks: (readonly number[])[] = [];
  const receiving = new Receiving({
    ...{ latency: 'auto', clock, play: () => undefined },
    ask: (_, ssrc, sequences) => void asks.push([ssrc, ...sequences]),
  });
  const nothing = { asked: 0, recovered: 0, lost: 0, late: 0 };
  t.deepEqual(receiving.counts(), nothing);
  for (const ssrc of [1, 2]) {
    for (const sequence of [0, 2]) receiving.arrived(PACKET, ssrc, sequence, FROM, 'A');
  }
  clock.advance(LONG_MS);
  for (const ssrc of [1, 2]) receiving.arrived(PACKET, ssrc, 1, FROM, 'A');
  t.deepEqual(receiving.counts(), { ...nothing, asked: asks.length, lost: 2, late: 2 });
  t.true(asks.length >= 2 && asks.every(([, sequence]) => sequence === 1));
  receiving.keepOnly(new Set([2]), new Set());
  t.like(receiving.counts(), { lost: 1, late: 1 });
  receiving.stop();
  t.deepEqual(receiving.counts(), nothing);
});
