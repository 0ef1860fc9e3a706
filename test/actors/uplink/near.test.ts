/**
 * Who is reached without the line, and what is to go there: streams of one's own by their slices, and those of others by their legs.
 */
import test from 'ava';
import { measureDownlink } from '../../../actors/downlink/measure.ts';
import { bpsTo, NearWatch } from '../../../actors/uplink/near.ts';
import type { Leaving } from '../../../machines/forwarding/narrow-legs.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { VirtualClock } from '../virtual-clock.ts';

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

const at = (peer: string, host: string) => ({ peer, compatible: true, address: { host, port: 1 } });
const HERE = at('B', '127.0.0.1');
const AT_HOME = at('C', '192.168.1.9');
const ELSEWHERE = at('D', '192.0.2.1');

test('who is on this machine, and who in its network, is one judgement for both directions', (t) => {
  const watch = new NearWatch(() => false);
  t.like(watch.of([HERE, AT_HOME, ELSEWHERE]), {
    ...{ here: new Set(['B']), near: new Set(['B', 'C']), isAll: false },
    reached: ['B', 'C', 'D'],
  });
  t.true(watch.of([HERE, AT_HOME]).isAll);
});

const PACKET_BYTES = 1250;
const EVERY_MS = 5;
const OWN_BPS = (8000 * PACKET_BYTES) / EVERY_MS;

/** What the downlink is taken for to which each of these has sent 2 Mbit/s, when reports of all begin to wait. */
function seenOf(members: readonly ReturnType<typeof at>[]): number | undefined {
  const clock = new VirtualClock(1000);
  const downlink = measureDownlink({
    ...{ clock, members: () => members, isOwn: () => false, view: () => undefined },
    readCame: () => undefined,
    onLimit: () => undefined,
  });
  downlink.start();
  for (let ms = 0; ms < 3000; ms += EVERY_MS) {
    clock.advance(EVERY_MS);
    const atMs = clock.now();
    const waitedMs = ms > 2000 ? 100 : 0;
    downlink.came(members.map(({ peer: from }) => ({ from, bytes: PACKET_BYTES, atMs })));
    for (const { peer: from } of members) downlink.written({ from, writtenAtMs: atMs - waitedMs, atMs });
  }
  downlink.stop();
  return downlink.state.capacityBps;
}

test('what comes from within the home is no part of what the line brings, unless nobody is elsewhere', (t) => {
  const others = [ELSEWHERE, at('E', '192.0.2.2')];
  const ofTwo = seenOf(others) ?? 0;
  t.true(Math.abs(ofTwo / (2 * OWN_BPS) - 1) < 0.05, `${ofTwo}`);
  t.is(seenOf([...others, AT_HOME, HERE]), ofTwo);
  t.is(seenOf([AT_HOME, at('F', '192.168.1.8')]), ofTwo);
  t.is(seenOf([HERE, at('F', '::1')]), undefined);
});
