import test from 'ava';
import { PacketStore } from '../../infra/path/kept/packet-store.ts';

const bytesOf = (sequence: number) => Uint8Array.of(sequence >>> 8, sequence & 0xff, 7);

test('a fast source keeps all of its last second', (t) => {
  const store = new PacketStore();
  for (let index = 0; index < 3000; index++) store.put((65_000 + index) & 0xffff, bytesOf(65_000 + index), index / 3);
  for (let index = 0; index < 3000; index++) {
    t.deepEqual(store.get((65_000 + index) & 0xffff, 999)?.slice(), bytesOf(65_000 + index));
  }
});

test('a packet is gone after a second', (t) => {
  const store = new PacketStore();
  store.put(1, bytesOf(1), 0);
  t.is(store.get(1, 1000)?.length, 3);
  t.is(store.get(1, 1001), undefined);
});

test('a packet put twice is kept once, the later bytes', (t) => {
  const store = new PacketStore();
  store.put(1, bytesOf(1), 0);
  store.put(1, bytesOf(2), 1);
  t.deepEqual(store.get(1, 1)?.slice(), bytesOf(2));
});

test('the numbers after a given one come oldest first, over the wrap', (t) => {
  const store = new PacketStore();
  t.deepEqual([...store.sequencesAfter(65_534, 1)], [65_535, 0, 1]);
  t.deepEqual([...store.sequencesAfter(1, 1)], []);
  t.deepEqual([...store.sequencesAfter(2, 1)], []);
});
