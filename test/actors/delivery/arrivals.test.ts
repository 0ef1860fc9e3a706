import test from 'ava';
import { ArrivalWatch, type ExpectedStream } from '../../../actors/delivery/arrivals.ts';

const STREAM: ExpectedStream = {
  ...{
    peer: 'B',
    stream: 'camera',
    address: '10.0.0.2:5000',
    received: 0,
    expected: 0,
    sent: undefined,
    silent: false,
  },
};

/** Looks twice a second; `at` tells what there is at a moment. What changes, with its time. */
function watch(at: (nowMs: number) => Partial<ExpectedStream>, untilMs: number): string[] {
  const watched = new ArrivalWatch();
  const told: string[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 500) {
    for (const news of watched.observe([{ ...STREAM, ...at(nowMs) }], nowMs)) {
      told.push(`${nowMs} ${news.type}${'cause' in news ? ` ${news.cause}` : ''}`);
    }
  }
  return told;
}

test('a stream of a peer from which nothing comes is told after three seconds, once, and when it arrives', (t) => {
  const told = watch((nowMs) => (nowMs < 5000 ? { silent: true } : { received: nowMs, expected: nowMs }), 7000);
  t.deepEqual(told, ['3000 media.missing silence', '5000 media.arrives']);
});

test('a peer that reports that it sends, while nothing comes, loses it on the way', (t) => {
  t.deepEqual(
    watch((nowMs) => ({ sent: nowMs / 10 }), 4000),
    ['3000 media.missing lost'],
  );
});

test('one whose count stands still has stopped, also if its last report is of after the last packet', (t) => {
  const stops = (nowMs: number) => ({ received: Math.min(nowMs, 2000), expected: Math.min(nowMs, 2000) });
  const told = watch((nowMs) => ({ ...stops(nowMs), sent: nowMs <= 2500 ? 1000 : 2000 }), 6000);
  t.deepEqual(told, ['5000 media.missing stopped']);
  t.deepEqual(
    watch(() => ({}), 4000),
    ['3000 media.missing stopped'],
  );
});

test('what was sent until half of the wait is over may have come before the silence, all that is sent later should come', (t) => {
  const sends = (nowMs: number) => ({ sent: nowMs <= 1500 ? 1000 : 1001 });
  t.deepEqual(watch(sends, 4000), ['3000 media.missing lost']);
});

test('much loss is told once it lasts, with its share; a moment of it is not', (t) => {
  const watched = new ArrivalWatch();
  const told = [];
  let received = 0;
  for (let second = 0; second <= 12; second++) {
    const isLossy = second === 2 || second >= 5;
    received += isLossy ? 60 : 100;
    told.push(...watched.observe([{ ...STREAM, received, expected: 100 * (second + 1) }], 1000 * second));
  }
  t.deepEqual(told, [
    { type: 'media.missing', peer: 'B', stream: 'camera', cause: 'loss', address: '10.0.0.2:5000', loss: 0.4 },
  ]);
  t.is(watched.causeOf('B', 'camera'), 'loss');
});

test('a stream that comes is fine, and one that is no longer expected is forgotten', (t) => {
  const watched = new ArrivalWatch();
  t.deepEqual(
    watch((nowMs) => ({ received: nowMs, expected: nowMs }), 9000),
    [],
  );
  watched.observe([STREAM], 0);
  watched.observe([STREAM], 3000);
  t.is(watched.causeOf('B', 'camera'), 'stopped');
  watched.observe([], 3500);
  t.is(watched.causeOf('B', 'camera'), undefined);
  t.deepEqual(watched.observe([STREAM], 4000), []);
});
