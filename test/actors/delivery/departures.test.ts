import test from 'ava';
import { DepartureWatch, type ServedReceiver } from '../../../actors/delivery/departures.ts';

const SERVED: ServedReceiver = {
  ...{ peer: 'B', stream: 'camera', address: '10.0.0.2:5000', reports: true, sent: 0, silent: false },
  ...{ heardMs: undefined, block: undefined },
};

/** Looks twice a second while the stream is sent; `at` tells what there is at a moment. What changes, with its time. */
function watch(at: (nowMs: number) => Partial<ServedReceiver>, untilMs: number): string[] {
  const watched = new DepartureWatch();
  const told: string[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 500) {
    for (const news of watched.observe([{ ...SERVED, sent: nowMs + 1, ...at(nowMs) }], nowMs)) {
      told.push(`${nowMs} ${news.type}${'cause' in news ? ` ${news.cause}` : ''}`);
    }
  }
  return told;
}

/** A report each second, of the newest packet. */
const reported = (nowMs: number, loss = 0) => {
  const atMs = 1 + Math.floor(nowMs / 1000) * 1000;
  return { heardMs: atMs, block: { ssrc: 1, loss, highestSequence: atMs, atMs } };
};

test('a receiver from which nothing comes is told after three seconds, and when it reports', (t) => {
  const told = watch((nowMs) => (nowMs < 5000 ? { silent: true } : reported(nowMs)), 7000);
  t.deepEqual(told, ['3000 media.undelivered silence', '5000 media.delivered']);
});

test('one that reports, but none of the stream, does not get it', (t) => {
  t.deepEqual(
    watch((nowMs) => ({ heardMs: nowMs }), 4000),
    ['3000 media.undelivered lost'],
  );
});

test('one whose reports name nothing new gets no more of it, while we send', (t) => {
  const stuck = (nowMs: number) => {
    const { heardMs, block } = reported(nowMs);
    return { heardMs, block: { ...block, highestSequence: Math.min(2001, block.highestSequence) } };
  };
  t.deepEqual(watch(stuck, 8000), ['6500 media.undelivered lost']);
  t.deepEqual(
    watch((nowMs) => ({ ...stuck(nowMs), sent: Math.min(nowMs, 2000) }), 9000),
    [],
  );
});

test('much loss is told after three reports of it, with its share', (t) => {
  t.deepEqual(
    watch((nowMs) => reported(nowMs, nowMs < 4000 ? 0.1 : 0.4), 8000),
    ['6000 media.undelivered loss'],
  );
});

test('where media of it comes and no report, nothing is claimed; nor of a plain endpoint that never reports', (t) => {
  t.deepEqual(
    watch(() => ({}), 9000),
    [],
  );
  t.deepEqual(
    watch(() => ({ reports: false, silent: true }), 9000),
    [],
  );
});
