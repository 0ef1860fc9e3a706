/** Routes come out of a profile as they went in, whoever receives what. */
import test from 'ava';
import fc from 'fast-check';
import { MAX_MEMBERS, type RouteInfo } from '../../../machines/messages.ts';
import { packRoutes, unpackRoutes } from '../../../machines/signaling/routes-on-wire.ts';
import { stream, voice } from '../members.ts';

const STREAMS = [stream('A'), voice('A')];
const ids = fc.uniqueArray(
  fc.integer({ min: 0, max: MAX_MEMBERS - 1 }).map((at) => `P${at}`),
  { minLength: 1, maxLength: 40 },
);
const route = fc.record({
  stream: fc.constantFrom('camera', 'voice'),
  relay: fc.option(fc.constantFrom('R', 'S')),
  slices: fc.integer({ min: 1, max: 0xffff }),
  receivers: ids,
});
const sorted = (routes: readonly RouteInfo[]) =>
  routes.map((route) => ({ ...route, receivers: [...route.receivers].sort() }));

test('what is packed is the same when unpacked', (t) => {
  const property = fc.property(fc.array(route, { maxLength: 12 }), (routes) => {
    const packed = packRoutes(STREAMS, routes);
    t.is(new Set(packed.receivers).size, packed.receivers.length);
    t.deepEqual(sorted(unpackRoutes(STREAMS, packed.receivers, packed.routes)), sorted(routes));
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 500 }));
});

test('a room of 256 is one bit each', (t) => {
  const receivers = Array.from({ length: MAX_MEMBERS }, (_, at) => `P${at}`);
  const packed = packRoutes(STREAMS, [{ stream: 'camera', relay: null, slices: 1, receivers }]);
  t.is(packed.routes[0]?.to, 'f'.repeat(MAX_MEMBERS / 4));
});

test('routes of a stream that is not told are left out', (t) => {
  const packed = packRoutes(STREAMS, [{ stream: 'screen', relay: null, slices: 1, receivers: ['B'] }]);
  t.deepEqual(packed.routes, []);
});

test('streams that there are not, and bits that stand for nobody, are nothing', (t) => {
  const wire = { relay: null, slices: 1 };
  t.deepEqual(unpackRoutes(STREAMS, ['B'], [{ ...wire, stream: 7, to: '1' }]), []);
  t.deepEqual(unpackRoutes(STREAMS, ['B', 'C'], [{ ...wire, stream: 0, to: 'fff' }]), [
    { ...wire, stream: 'camera', receivers: ['B', 'C'] },
  ]);
  t.deepEqual(unpackRoutes(STREAMS, ['B', 'C'], [{ ...wire, stream: 1, to: '' }]), [
    { ...wire, stream: 'voice', receivers: [] },
  ]);
});
