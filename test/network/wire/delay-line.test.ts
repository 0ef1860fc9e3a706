/** One direction of a wire, without a kernel. */
import test from 'ava';
import { DelayLine } from './delay-line.ts';

const UDP = 17;
const TCP = 6;
const SEED = 1;

/** An IPv4 packet as far as a wire looks at it. */
function packet(protocol: number, mark = 0): Buffer {
  const bytes = Buffer.alloc(20, mark);
  bytes[0] = 0x45;
  bytes[9] = protocol;
  return bytes;
}

/** How many of these come out of a wire that loses this share of UDP. */
function comingOut(packets: readonly Buffer[], loss: number): number {
  const line = new DelayLine({ delayMs: 0, loss }, SEED);
  let count = 0;
  for (const one of packets) {
    line.put(one, 0);
    while (line.take(0) !== undefined) count++;
  }
  return count;
}

test('packets come out in their order, each when its delay is over', (t) => {
  const line = new DelayLine({ delayMs: 20, loss: 0 }, SEED);
  t.is(line.dueMs, Number.POSITIVE_INFINITY);
  line.put(packet(UDP, 1), 100);
  line.put(packet(UDP, 2), 105);
  t.is(line.dueMs, 120);
  t.is(line.take(119), undefined);
  t.is(line.take(120)?.at(-1), 1);
  t.is(line.take(120), undefined);
  t.is(line.take(200)?.at(-1), 2);
  t.is(line.dueMs, Number.POSITIVE_INFINITY);
});

test('a packet that waits is a copy: the buffer that it was read into is used again', (t) => {
  const line = new DelayLine({ delayMs: 1, loss: 0 }, SEED);
  const bytes = packet(UDP, 7);
  line.put(bytes, 0);
  bytes.fill(0);
  t.is(line.take(1)?.at(-1), 7);
});

test('a share of UDP is lost, and no TCP', (t) => {
  const thousand = (protocol: number) => Array.from({ length: 1_000 }, () => packet(protocol));
  const come = comingOut(thousand(UDP), 0.05);
  t.true(come > 929 && come < 971, `${come}`);
  t.is(comingOut(thousand(TCP), 0.05), 1_000);
});

test('UDP over IPv6 is known for what it is', (t) => {
  const bytes = Buffer.alloc(40);
  bytes[0] = 0x60;
  bytes[6] = UDP;
  t.is(comingOut([bytes], 1), 0);
  bytes[6] = TCP;
  t.is(comingOut([bytes], 1), 1);
});

test('what is more than a queue holds is lost', (t) => {
  const line = new DelayLine({ delayMs: 1, loss: 0 }, SEED);
  for (let number = 0; number < 10_001; number++) line.put(packet(UDP), 0);
  let count = 0;
  while (line.take(1) !== undefined) count++;
  t.is(count, 10_000);
});
