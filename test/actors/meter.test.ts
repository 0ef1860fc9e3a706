import test from 'ava';
import fc from 'fast-check';
import { LONG_MEMORY, Meter, SHORT_MEMORY } from '../../actors/sink/meter.ts';
import { writeSequence, writeTimestamp } from '../../infra/rtp/write.ts';

function packetOf(sequence: number, bytes = 100): Uint8Array {
  const packet = new Uint8Array(bytes);
  writeSequence(packet, sequence);
  return packet;
}

function meterAt(memory = LONG_MEMORY) {
  const clock = { ms: 1000 };
  const meter = new Meter(() => clock.ms, memory);
  /** Packets 10 ms apart, all from one sender. */
  const record = (from: string, ...sequences: number[]) => {
    for (const sequence of sequences) {
      meter.record(packetOf(sequence), 'A', 'camera', from);
      clock.ms += 10;
    }
  };
  return { clock, meter, record };
}

test('counts distinct packets and copies apart', (t) => {
  const { meter, record } = meterAt();
  record('A', 5, 6, 6, 7, 5);
  t.like(meter.reception('A', 'camera'), {
    packets: 3,
    bytes: 300,
    duplicates: 2,
    firstSequence: 5,
    highestSequence: 7,
  });
  t.is(meter.reception('B', 'camera'), undefined);
});

test('follows the numbers across the wrap, in any order', (t) => {
  const { meter, record } = meterAt();
  record('A', 65_535, 1, 0, 65_534);
  t.like(meter.reception('A', 'camera'), { packets: 4, firstSequence: 65_534, highestSequence: 65_537 });
});

test('a window counts what came of it, the copies, and through whom', (t) => {
  const { meter, record } = meterAt();
  record('A', 10, 11, 12);
  record('B', 12, 14, 15);
  record('C', 16);
  const { via, ...counts } = meter.window('A', 'camera', 11, 16);
  t.deepEqual(counts, { expected: 5, received: 4, duplicates: 1 });
  t.deepEqual(
    [...via],
    [
      ['A', 2],
      ['B', 2],
    ],
  );
});

test('after an outage of tens of thousands of packets those that come are the newest', (t) => {
  const { clock, meter, record } = meterAt(SHORT_MEMORY);
  record('A', 4997, 4998, 4999);
  clock.ms += 10_000;
  record('B', 1463, 1464);
  const { highestSequence, packets } = meter.reception('A', 'camera') ?? {};
  t.deepEqual([highestSequence, packets], [65_536 + 1464, 5]);
  t.deepEqual([...meter.window('A', 'camera', 1463, 1465).via], [['B', 2]]);
});

test('relays that come and go are forgotten when no packet of theirs is remembered, and the owner is not', (t) => {
  const { meter, record } = meterAt(SHORT_MEMORY);
  for (let relay = 0; relay < 2000; relay++) record(`R${relay}`, 2 * relay);
  record('A', 4000);
  t.true((meter.reception('A', 'camera')?.firstArrivalMs.size ?? 0) <= 1024);
  t.deepEqual(
    [...meter.window('A', 'camera', 3998, 4001).via],
    [
      ['R1999', 1],
      ['A', 1],
    ],
  );
});

test("a window is placed by its low 16 bits: the sender's count of cycles differs from a late joiner's", (t) => {
  const { meter, record } = meterAt();
  record('A', 65_534, 65_535, 0, 1, 2);
  const cycles = 5 * 65_536;
  t.like(meter.window('A', 'camera', cycles + 65_535, cycles + 65_536 + 2), { expected: 3, received: 3 });
});

test('of a stream that never came, a window is all lost', (t) => {
  t.deepEqual(meterAt().meter.window('A', 'camera', 3, 9), { expected: 6, received: 0, duplicates: 0, via: new Map() });
});

test('a window that is too long for what is remembered is an error, not a wrong count', (t) => {
  const { meter, record } = meterAt();
  record('A', 1);
  t.throws(() => meter.window('A', 'camera', 0, 32_769), { instanceOf: RangeError });
});

test('numbers of half a cycle ago do not pass for new ones', (t) => {
  const { meter } = meterAt();
  for (let number = 0; number < 100_000; number++)
    if (number % 4 !== 0) meter.record(packetOf(number & 0xffff), 'A', 'camera', 'A');
  t.like(meter.window('A', 'camera', 70_000, 100_000), { expected: 30_000, received: 22_500, duplicates: 0 });
  t.like(meter.reception('A', 'camera'), { packets: 75_000, duplicates: 0, highestSequence: 99_999 });
});

test('the largest gap is that between arrivals, and to the edges of the time asked for', (t) => {
  const { clock, meter, record } = meterAt();
  record('A', 1, 2, 3);
  clock.ms += 200;
  record('B', 4, 5);
  t.is(meter.largestGapMs('A', 'camera', 1000, clock.ms), 210);
  t.is(meter.largestGapMs('A', 'camera', 1000, 1030), 10);
  t.is(meter.largestGapMs('A', 'camera', 1000, 2000), 2000 - (clock.ms - 10));
  t.is(meter.largestGapMs('B', 'camera', 1000, 2000), 1000);
});

test('the latest picture is told, beside those that came soonest', (t) => {
  const { clock, meter } = meterAt();
  const record = (number: number, lateMs: number) => {
    const packet = packetOf(number);
    writeTimestamp(packet, 900 * number);
    clock.ms = 1000 + 10 * number + lateMs;
    meter.record(packet, 'A', 'camera', 'A');
  };
  for (let number = 0; number < 10; number++) record(number, 20);
  record(10, 140);
  record(11, 131);
  for (let number = 24; number < 30; number++) record(number, 21);
  t.is(Math.round(meter.latestMs('A', 'camera', 1100)), 120);
  t.is(Math.round(meter.latestMs('A', 'camera', 1241)), 111);
  t.is(Math.round(meter.latestMs('A', 'camera', 1250)), 1);
  t.is(meter.latestMs('A', 'camera', 2000), 0);
  t.is(meter.latestMs('B', 'camera', 0), 0);
});

test('remembers when each peer first sent some of a stream', (t) => {
  const { meter, record } = meterAt();
  record('A', 1, 2);
  record('B', 3);
  record('A', 4);
  t.deepEqual(
    [...(meter.reception('A', 'camera')?.firstArrivalMs ?? [])],
    [
      ['A', 1000],
      ['B', 1020],
    ],
  );
});

test('streams of one peer are counted apart', (t) => {
  const { meter, record } = meterAt();
  record('A', 1, 2);
  meter.record(packetOf(9), 'A', 'voice', 'B');
  t.is(meter.reception('A', 'camera')?.packets, 2);
  t.like(meter.reception('A', 'voice'), { packets: 1, highestSequence: 9 });
});

test('streams that are shown no more are forgotten, and all of a peer that has gone or started anew', (t) => {
  const { meter, record } = meterAt();
  record('A', 1);
  for (const [owner, stream] of [
    ['A', 'voice'],
    ['B', 'camera'],
    ['C', 'camera'],
  ] as const) {
    meter.record(packetOf(1), owner, stream, owner);
  }
  meter.keepOnly(
    new Map([
      ['A', new Set(['camera', 'screen'])],
      ['C', new Set(['camera'])],
    ]),
  );
  meter.forget('C');
  const known = (owner: string, stream: string) => meter.reception(owner, stream) !== undefined;
  t.true(known('A', 'camera'));
  t.deepEqual([known('A', 'voice'), known('B', 'camera'), known('C', 'camera')], [false, false, false]);
});

test('with a short memory totals are the same, and only the newest packets can be asked about', (t) => {
  const { meter, record } = meterAt(SHORT_MEMORY);
  record('A', ...Array.from({ length: 5000 }, (_, number) => number));
  record('B', 4999);
  t.like(meter.reception('A', 'camera'), { packets: 5000, duplicates: 1 });
  t.like(meter.window('A', 'camera', 4000, 5000), { expected: 1000, received: 1000, duplicates: 1 });
  t.throws(() => meter.window('A', 'camera', 3900, 5000), { instanceOf: RangeError });
});

test('agrees with a slow model on any order of arrivals', (t) => {
  const offsets = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65_535 }), offsets, (start, arrivals) => {
      const { meter, record } = meterAt();
      record('A', ...arrivals.map((offset) => (start + offset) & 0xffff));
      const window = meter.window('A', 'camera', start + 50, start + 250);
      const inside = arrivals.filter((offset) => offset >= 50 && offset < 250);
      const distinct = new Set(inside).size;
      t.like(window, { expected: 200, received: distinct, duplicates: inside.length - distinct });
      t.is(meter.reception('A', 'camera')?.packets, new Set(arrivals).size);
    }),
    { seed: 2, numRuns: 200 },
  );
});
