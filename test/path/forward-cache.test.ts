/** What a relay keeps of a stream: its newest packets, for a while, in bounded memory. */
import test from 'ava';
import { cacheBytesOf, ForwardCache } from '../../infra/path/kept/forward-cache.ts';
import { rtpPacket } from './rig.ts';

const PLENTY = 1 << 30;
const MEBIBYTE = 1 << 20;

const cacheOf = (rateBps: number, mostBytes = PLENTY) =>
  new ForwardCache(new SharedArrayBuffer(cacheBytesOf(rateBps, mostBytes)));
const packetOf = (sequence: number, payload = 1188) => rtpPacket({ ssrc: 7, sequence, payload });

test('half a second and more of a stream is kept at any usual rate, over the wrap of the numbers', (t) => {
  for (const [rateBps, bytes] of [
    [64_000, 160],
    [1_000_000, 1200],
    [20_000_000, 1200],
  ] as const) {
    const cache = cacheOf(rateBps);
    const pps = rateBps / (8 * bytes);
    for (let index = 0; index < 3000; index++) {
      const packet = packetOf(65_000 + index, bytes - 12);
      cache.put(packet, packet.length, (1000 * index) / pps);
    }
    for (let index = Math.ceil(3000 - 0.55 * pps); index < 3000; index++) {
      const packet = packetOf(65_000 + index, bytes - 12);
      t.deepEqual(cache.get((65_000 + index) & 0xffff, (1000 * 3000) / pps), new Uint8Array(packet));
    }
  }
});

test('of a stream far above its rate what was kept stays, and the rest is not copied', (t) => {
  const cache = cacheOf(1_000_000);
  for (let index = 0; index < 1000; index++) cache.put(packetOf(index), 1200, index / 1000);
  t.is(cache.get(0, 50)?.length, 1200);
  t.is(cache.get(999, 50), undefined);
  cache.put(packetOf(1024), 1200, 101);
  t.is(cache.get(1024, 101)?.length, 1200);
});

test('a packet is gone after 0.6 s, and what was never put is not there', (t) => {
  const cache = cacheOf(1_000_000);
  cache.put(packetOf(0), 1200, 10);
  t.is(cache.get(0, 610)?.length, 1200);
  t.is(cache.get(0, 611), undefined);
  t.is(cache.get(1, 10), undefined);
});

test('only the datagram is kept of a longer slot, and what is got is a copy', (t) => {
  const cache = cacheOf(1_000_000);
  const slot = new Uint8Array(1536).fill(0xee);
  slot.set(packetOf(5, 20));
  cache.put(slot, 32, 0);
  const got = cache.get(5, 0);
  cache.put(packetOf(5, 20).fill(0, 12), 32, 200);
  t.deepEqual(got, new Uint8Array(packetOf(5, 20)));
});

test('memory is bounded for a stream, and by what is left of all; with too little nothing is kept', (t) => {
  t.true(cacheBytesOf(1_000_000, PLENTY) <= MEBIBYTE / 4);
  t.true(cacheBytesOf(1e12, PLENTY) < 3.1 * MEBIBYTE);
  t.true(cacheBytesOf(1e12, MEBIBYTE) <= MEBIBYTE);
  t.is(cacheBytesOf(1e12, 64_000), 0);
});
