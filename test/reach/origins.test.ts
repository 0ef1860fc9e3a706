/** On a machine with several addresses packets leave from the one that proved itself. */
import test from 'ava';
import { Origins } from '../../actors/reach/addresses/origins.ts';

const PLACE = { host: '198.51.100.1', port: 5000 };

test('packets leave from where the first answer came to, and from anywhere to a place that has not answered', (t) => {
  const origins = new Origins();
  origins.answered(PLACE, '192.0.2.1');
  origins.answered(PLACE, '192.0.2.2');
  t.deepEqual(origins.of([PLACE, { ...PLACE, port: 5001 }]), [{ to: PLACE, from: '192.0.2.1' }]);
});

test('when our addresses are others nothing of that holds', (t) => {
  const origins = new Origins();
  origins.answered(PLACE, '192.0.2.1');
  origins.clear();
  t.deepEqual(origins.of([PLACE]), []);
  origins.answered(PLACE, '192.0.2.2');
  t.deepEqual(origins.of([PLACE]), [{ to: PLACE, from: '192.0.2.2' }]);
});

test('of endless places the last 4096 are known', (t) => {
  const origins = new Origins();
  const places = Array.from({ length: 5000 }, (_, index) => ({ ...PLACE, port: 1 + index }));
  for (const place of places) origins.answered(place, '192.0.2.1');
  t.is(origins.of(places).length, 4096);
  t.is(origins.of(places)[0]?.to, places[904]);
});
