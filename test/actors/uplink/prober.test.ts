import test from 'ava';
import { Prober } from '../../../actors/uplink/prober.ts';
import type { ProbeOrder } from '../../../machines/uplink/contract.ts';
import { VirtualClock } from '../virtual-clock.ts';

const ORDER: ProbeOrder = { id: 1, bps: 1_000_000, bytes: 12_280, legs: ['B', 'C'] };
const WIRE = 1228;

/** A path that sends all padding, beside whatever else leaves. */
function open(changes: { readonly refuses?: () => boolean } = {}) {
  const clock = new VirtualClock();
  const padding: { readonly to: number; readonly sequence: number; readonly atMs: number }[] = [];
  const path = {
    sentBytes: 0,
    sendPadding: (_ssrc: number, sequence: number, bytes: number, { port }: { port: number }) => {
      if (changes.refuses?.() === true) return false;
      path.sentBytes += bytes;
      padding.push({ to: port, sequence, atMs: clock.now() });
      return true;
    },
  };
  const ports = new Map([
    ['B', 1],
    ['C', 2],
  ]);
  const placeOf = (peer: string) => {
    const port = ports.get(peer);
    return port === undefined ? undefined : { host: '192.0.2.1', port };
  };
  const overs: number[] = [];
  const onOver = () => void overs.push(clock.now());
  return { clock, path, padding, overs, prober: new Prober({ clock, path, ssrc: 9, placeOf, onOver }) };
}

test('sends what it is asked for at the rate that it is asked for, to its legs in turn, each by its own numbers', (t) => {
  const { clock, padding, prober } = open();
  prober.follow(ORDER);
  for (let ms = 0; ms < 200; ms++) {
    clock.advance(1);
    t.true(WIRE * (padding.length - 1) <= (ORDER.bps * clock.now()) / 8000 + WIRE, `${clock.now()} ms`);
  }
  t.is(padding.length, 10);
  t.true((padding.at(-1)?.atMs ?? 0) >= 75);
  t.deepEqual(
    padding.map(({ to, sequence }) => [to, sequence]),
    [0, 1, 2, 3, 4].flatMap((sequence) => [
      [1, sequence],
      [2, sequence],
    ]),
  );
});

test('says that it is over when all has left, or when no more will', (t) => {
  const { clock, prober, overs } = open();
  prober.follow(ORDER);
  clock.advance(200);
  t.is(overs.length, 1);
  t.true((overs[0] ?? 0) <= 100);
  prober.follow({ ...ORDER, id: 2, legs: ['Z'] });
  clock.advance(500);
  t.is(overs.length, 2);
});

test('media that leaves meanwhile counts, so that padding only fills what it leaves', (t) => {
  const { clock, path, padding, prober } = open();
  prober.follow(ORDER);
  for (let ms = 0; ms < 200; ms++) {
    clock.advance(1);
    if (ms < 96) path.sentBytes += 100;
  }
  t.true(padding.length >= 1 && padding.length <= 3, `${padding.length}`);
});

test('the same order is carried out once, and ends where it is asked for no more', (t) => {
  const { clock, padding, prober } = open();
  prober.follow(ORDER);
  clock.advance(20);
  prober.follow(ORDER);
  prober.follow(undefined);
  const sent = padding.length;
  clock.advance(500);
  prober.follow(ORDER);
  clock.advance(500);
  t.is(padding.length, sent);
  prober.follow({ ...ORDER, id: 2 });
  clock.advance(500);
  t.is(padding.length, sent + 10);
});

test('what the send buffer has no room for is not sent later all at once, and a probe that nobody can be reached for ends', (t) => {
  let isFull = true;
  const { clock, padding, prober } = open({ refuses: () => isFull });
  prober.follow(ORDER);
  clock.advance(300);
  isFull = false;
  clock.advance(300);
  t.is(padding.length, 0);
  prober.follow({ ...ORDER, id: 2, legs: ['Z'] });
  clock.advance(1000);
  t.is(padding.length, 0);
});
