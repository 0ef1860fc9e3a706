/** The receive buffer over seeded networks in virtual time: whole, ordered, and no later than it has to be. */
import test from 'ava';
import { DEAD_WAY_MS, type Latency, MOST_MS } from '../../actors/media/repair/patience.ts';
import { ReceiveBuffer, type Step } from '../../actors/media/repair/receive-buffer.ts';
import { type Played, playTrial, type Trial, type Way } from './network.ts';

const SEEDS = [1, 2, 3, 4, 5];
const DIRECT: Way = { name: 'A', delayMs: 20, loss: 0 };
const VIA_B: Way = { name: 'B', delayMs: 45, loss: 0 };

const trialOf = (changes: Partial<Trial>): Trial => ({
  ...{ seed: 1, latency: 'auto', packets: 4000, pps: 100, ways: [DIRECT] },
  ...changes,
});

const isOrdered = (played: readonly Played[]) =>
  played.every(({ sequence }, index) => index === 0 || sequence > (played[index - 1]?.sequence ?? 0));

const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0);

for (const latency of ['auto', 300] as const) {
  test(`${latency}: what comes in order is played as it comes, from the first packet to the last`, (t) => {
    const { played, counts } = playTrial(trialOf({ latency, ways: [DIRECT], firstSequence: 65_000 }));
    t.is(played.length, 4000);
    t.is(largest(played.map(({ heldMs }) => heldMs)), 0);
    t.deepEqual(counts, { asked: 0, recovered: 0, lost: 0, late: 0 });
  });

  test(`${latency}: of a stream with 5 % loss at least 99.9 % is played, in order, and within the latency`, (t) => {
    for (const seed of SEEDS) {
      const { played, counts } = playTrial(trialOf({ seed, latency, ways: [{ ...DIRECT, loss: 0.05 }] }));
      t.true(isOrdered(played));
      t.true(played.length >= 0.999 * 4000, `seed ${seed}: ${played.length}`);
      t.true(largest(played.map(({ heldMs }) => heldMs)) <= (latency === 'auto' ? MOST_MS : latency));
      t.true(counts.recovered > 0.04 * 4000);
      // Each once a round trip: hardly more than what was lost.
      t.true(counts.asked < 0.075 * 4000, `asked ${counts.asked}`);
    }
  });

  test(`${latency}: slices over ways of unlike delay, with loss and jitter, come out whole and in order`, (t) => {
    const ways = [
      { ...DIRECT, loss: 0.05, jitterMs: 4 },
      { ...VIA_B, loss: 0.05, jitterMs: 8 },
      { name: 'C', delayMs: 70, loss: 0.02 },
    ];
    for (const seed of SEEDS) {
      const { played } = playTrial(trialOf({ seed, latency, ways }));
      t.true(isOrdered(played));
      t.true(played.length >= 0.995 * 4000, `seed ${seed}: ${played.length}`);
    }
  });
}

test('a stream in slices waits for the slower way, and no longer; once that is known, nobody is asked', (t) => {
  const { played, counts } = playTrial(trialOf({ ways: [DIRECT, VIA_B] }));
  t.is(played.length, 4000);
  t.is(largest(played.slice(1).map(({ ageMs }) => ageMs)), 45);
  t.deepEqual(counts, { asked: 1, recovered: 1, lost: 0, late: 0 });
});

test('a way that is an ocean longer than the other is waited for, too, and asked only until that is known', (t) => {
  const far = { ...DIRECT, delayMs: 150 };
  const further = { name: 'B', delayMs: 310, loss: 0 };
  const { played, counts } = playTrial(trialOf({ ways: [far, further] }));
  t.is(played.length, 4000);
  t.is(largest(played.slice(1).map(({ ageMs }) => ageMs)), 310);
  t.true(counts.asked <= 32, `asked ${counts.asked}`);
});

test('of what is lost on the way to another continent most is asked for once', (t) => {
  const { played, counts } = playTrial(trialOf({ ways: [{ ...DIRECT, delayMs: 150, loss: 0.05 }] }));
  t.true(counts.asked < 1.5 * 0.05 * 4000, `asked ${counts.asked}`);
  t.true(played.length >= 0.99 * 4000, `${played.length}`);
});

test('the same network gives the same result', (t) => {
  const trial = trialOf({ seed: 9, ways: [{ ...DIRECT, loss: 0.1, jitterMs: 3 }, VIA_B] });
  t.deepEqual(playTrial(trial), playTrial(trial));
});

test('auto learns: once answers take 12 ms, a packet that never comes holds the others up for less than 100 ms', (t) => {
  const ways = [{ name: 'A', delayMs: 6, loss: 0.05 }];
  const { played } = playTrial(trialOf({ ways }));
  t.true(largest(played.slice(2000).map(({ heldMs }) => heldMs)) < 100);
});

test('a way that dies holds the stream up for the longest latency, once for each packet, and bounds what waits', (t) => {
  const ways = [DIRECT, { ...VIA_B, diesAtMs: 5000 }];
  const { played, mostHeld } = playTrial(trialOf({ ways, pps: 1000, packets: 20_000 }));
  t.true(isOrdered(played));
  t.true(largest(played.map(({ heldMs }) => heldMs)) <= DEAD_WAY_MS);
  t.true(mostHeld <= DEAD_WAY_MS + 1);
});

test('what a dead relay swallowed is waited for along the new way, the end of it too', (t) => {
  const buffer = new ReceiveBuffer('auto');
  const played: number[] = [];
  const from = { host: '10.0.0.1', port: 1 };
  const take = (sequence: number, way: string, nowMs: number) => {
    for (const one of buffer.take({ packet: new Uint8Array(12), sequence, from, way }, nowMs).play)
      played.push(one.sequence);
  };
  for (let sequence = 0; sequence < 100; sequence += 1) take(sequence, 'R', 10 * sequence);
  // 100 to 120 are lost with R; of these C sends most again, then what is new, and the last three when it has room.
  for (let sequence = 100; sequence < 118; sequence += 1) take(sequence, 'C', 1200 + sequence);
  for (let sequence = 121; sequence < 140; sequence += 1) take(sequence, 'C', 1200 + 5 * sequence);
  for (const one of buffer.wake(2100).play) played.push(one.sequence);
  for (const sequence of [118, 119, 120]) take(sequence, 'C', 2000 + sequence);
  t.deepEqual(
    played,
    Array.from({ length: 140 }, (_, sequence) => sequence),
  );
  t.like(buffer.counts, { lost: 0, late: 0 });
});

/** A buffer whose arrivals are written as `way` and number. */
function bufferOf(latency: Latency) {
  const buffer = new ReceiveBuffer(latency);
  const take = (way: string, sequence: number, nowMs: number) =>
    buffer.take(
      { packet: Uint8Array.of(sequence & 0xff), sequence, from: { host: '192.0.2.1', port: 5000 }, way },
      nowMs,
    );
  return { buffer, take };
}

const playedIn = ({ play }: Step) => play.map(({ sequence }) => sequence);
const askedIn = ({ ask }: Step) => Object.fromEntries(ask);

test('what went to a dead relay during the switch is asked of whoever sends the newest, though none of its slice has come there', (t) => {
  const { buffer, take } = bufferOf('auto');
  for (let sequence = 0; sequence < 100; sequence += 1) take('R', sequence, 10 * sequence);
  for (let sequence = 100; sequence < 106; sequence += 1) take('C', sequence, 1200);
  take('C', 107, 1230);
  t.deepEqual([...buffer.wake(1330).ask], [['C', [106]]]);
});

test('what waits is a copy: the bytes of the packet may change after the call', (t) => {
  const { buffer } = bufferOf(100);
  const from = { host: '192.0.2.1', port: 5000 };
  const packet = Buffer.from([1]);
  buffer.take({ packet, sequence: 1, from, way: 'A' }, 0);
  buffer.take({ packet, sequence: 3, from, way: 'A' }, 0);
  packet[0] = 9;
  const { play } = buffer.take({ packet, sequence: 2, from, way: 'A' }, 1);
  t.deepEqual(
    play.map(({ packet: bytes }) => bytes[0]),
    [9, 1],
  );
});

test('a number is asked for when its way has shown a later one, of whoever sends its slice, and once a round trip', (t) => {
  const { buffer, take } = bufferOf(300);
  for (let sequence = 0; sequence < 16; sequence++) take(sequence % 2 === 0 ? 'A' : 'B', sequence, 0);
  // 17 is B's and may only be slower; 16 is not there either, but A has sent 18.
  t.deepEqual(askedIn(take('A', 18, 10)), {});
  t.deepEqual(askedIn(buffer.wake(15)), { A: [16] });
  t.deepEqual(askedIn(buffer.wake(16)), {});
  t.deepEqual(askedIn(take('B', 19, 20)), {});
  t.deepEqual(askedIn(buffer.wake(25)), { B: [17] });
  t.deepEqual(playedIn(take('B', 17, 30)), []);
  const again = buffer.wake(80);
  t.deepEqual(askedIn(again), { A: [16] });
  t.deepEqual(playedIn(take('A', 16, 90)), [16, 17, 18, 19]);
});

test('a number is asked for a few times, and given up when the latency is over', (t) => {
  const { buffer, take } = bufferOf(1000);
  take('A', 1, 0);
  let step = take('A', 3, 0);
  let asked = 0;
  const played: [number, number[]][] = [];
  while (step.wakeAtMs !== Number.POSITIVE_INFINITY) {
    const nowMs = step.wakeAtMs;
    step = buffer.wake(nowMs);
    asked += step.ask.get('A')?.length ?? 0;
    if (step.play.length > 0) played.push([nowMs, playedIn(step)]);
  }
  t.is(asked, 5);
  t.deepEqual(played, [[1000, [3]]]);
  t.deepEqual(playedIn(take('A', 2, 1001)), []);
  t.deepEqual(buffer.counts, { asked: 5, recovered: 0, lost: 1, late: 1 });
});

test('what one stream asks for is bounded, however much is missing', (t) => {
  const { buffer, take } = bufferOf(1000);
  let asked = 0;
  const count = ({ ask }: Step) => {
    for (const sequences of ask.values()) asked += sequences.length;
  };
  take('A', 0, 0);
  for (let burst = 1; burst <= 10; burst++) count(take('A', 1900 * burst, 100 * burst));
  for (let nowMs = 1000; nowMs <= 2000; nowMs += 5) count(buffer.wake(nowMs));
  t.true(asked > 500 && asked <= 512 * 3, `${asked}`);
});

test('a jump is a new start: what waits is played, and nothing before it is asked for', (t) => {
  const { buffer, take } = bufferOf(300);
  take('A', 100, 0);
  t.deepEqual(playedIn(take('A', 102, 0)), []);
  const jumped = take('A', 65_636, 1);
  t.deepEqual([playedIn(jumped), askedIn(jumped), jumped.wakeAtMs], [[102, 65_636], {}, Number.POSITIVE_INFINITY]);
  t.deepEqual(playedIn(take('A', 65_637, 2)), [65_637]);
  t.is(buffer.counts.lost, 1);
});

test('nothing is waited for that comes by no way: a stream that is joined in slices begins with what there is', (t) => {
  const { buffer, take } = bufferOf('auto');
  take('A', 0, 0);
  t.deepEqual(playedIn(take('B', 3, 0)), []);
  t.true(buffer.wake(200).play.length === 1);
});
