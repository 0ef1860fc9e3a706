/** An uplink's queue: what is within the rate never waits however unevenly a round's packets come; what is above it does, then is lost. */
import test from 'ava';
import { SLICE_COUNT } from '../../../../machines/slices.ts';
import { Uplink } from './uplink.ts';

const PACKETS_PER_SECOND = 16;
const PACKET_MS = 1000 / PACKETS_PER_SECOND;
const MBIT = 1_000_000;

/** Rounds of packets, each to so many receivers as `copies` says for its slice, of a source of 1 Mbit/s. Waits in ms, undefined: lost. */
function send(uplink: Uplink, copies: (slice: number) => number, rounds: number, fromMs = 0): (number | undefined)[] {
  return Array.from({ length: rounds * SLICE_COUNT }, (_, index) => index).flatMap((index) =>
    Array.from({ length: copies(index % SLICE_COUNT) }, () =>
      uplink.take(MBIT / PACKETS_PER_SECOND, fromMs + index * PACKET_MS),
    ),
  );
}

test('slices that go to many beside slices that go to few do not wait for each other', (t) => {
  const waits = send(new Uplink(3 * MBIT, PACKETS_PER_SECOND), (slice) => (slice < 8 ? 5 : 1), 10);
  t.deepEqual(
    waits.filter((waitMs) => waitMs === undefined || waitMs > 1),
    [],
  );
});

test('above the rate the queue fills, and then loses what is too much', (t) => {
  const uplink = new Uplink(4 * MBIT, PACKETS_PER_SECOND);
  uplink.share = 0.5;
  const waits = send(uplink, () => 3, 20);
  const settled = waits.slice(waits.length / 2);
  const lost = settled.filter((waitMs) => waitMs === undefined).length / settled.length;
  // A third of it is too much.
  t.true(lost > 0.28 && lost < 0.38, `${lost} lost`);
  t.true(settled.every((waitMs) => waitMs === undefined || waitMs < 250));
});

test('a peer that knows its rate holds video for two seconds, and audio passes', (t) => {
  const uplink = new Uplink(2 * MBIT, PACKETS_PER_SECOND);
  const waits = send(uplink, () => 3, 20).filter((waitMs) => waitMs !== undefined);
  t.true(waits.some((waitMs) => waitMs > 1500) && waits.every((waitMs) => waitMs < 2000));
  t.is(uplink.take(1000, 20_000, true), 0);
});

test('what was in the queue of a faster uplink does not keep a slower one busy for long', (t) => {
  const uplink = new Uplink(100 * MBIT, PACKETS_PER_SECOND);
  send(uplink, () => 90, 2);
  uplink.rateBps = MBIT;
  t.deepEqual(
    send(uplink, () => 1, 2, 5000).filter((waitMs) => waitMs === undefined || waitMs > 1),
    [],
  );
});

test('an uplink of no rate lets nothing out', (t) => {
  t.is(new Uplink(0, PACKETS_PER_SECOND).take(1, 0), undefined);
});
