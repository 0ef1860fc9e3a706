/** Places of members that have gone: each is given back once, to its own, and they are bounded. */
import test from 'ava';
import { KeptPlaces } from '../../actors/sink/kept-places.ts';
import { ShownStream } from '../../actors/sink/shown-stream.ts';
import { MAX_MEMBERS, MAX_STREAMS } from '../../machines/messages.ts';

const placeAt = (port: number) => ({ port, shown: new ShownStream(90_000) });

test('whoever comes back has its place again, which is kept no longer', (t) => {
  const kept = new KeptPlaces();
  const place = placeAt(5004);
  kept.keep('A/camera', place);
  t.is(kept.take('B/camera'), undefined);
  t.deepEqual([...kept.ports()], [5004]);
  t.is(kept.take('A/camera'), place);
  t.is(kept.take('A/camera'), undefined);
  t.deepEqual([...kept.ports()], []);
});

test('who went first gives way first, and none is left at the end', (t) => {
  const kept = new KeptPlaces();
  for (const [key, port] of [
    ['A/camera', 5004],
    ['B/camera', 5014],
  ] as const) {
    kept.keep(key, placeAt(port));
  }
  t.true(kept.forgetOldest());
  t.deepEqual([...kept.ports()], [5014]);
  t.true(kept.forgetOldest());
  t.false(kept.forgetOldest());
});

test('no more places are kept than a full room has streams', (t) => {
  const kept = new KeptPlaces();
  const most = MAX_MEMBERS * MAX_STREAMS;
  for (let index = 0; index <= most; index++) kept.keep(`A/${index}`, placeAt(index));
  t.is(kept.ports().size, most);
  t.is(kept.take('A/0'), undefined);
});
