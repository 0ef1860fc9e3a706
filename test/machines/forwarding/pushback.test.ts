/** Video that waits for the uplink has encoders make less, until it has left: a picture that is late does not stay late. */
import test from 'ava';
import { pathsOfRoutes } from '../../../machines/forwarding/paths.ts';
import { BacklogWatch, pushBack, pushbackShare } from '../../../machines/forwarding/pushback.ts';
import type { TransportCommand } from '../../../machines/ports.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, stream, VOICE_BPS, viewOf, voice } from '../members.ts';
import { FORWARDING } from '../terrains.ts';

const A = member('A', { streams: [stream('A'), voice('A')], uploadBps: 4 * RATE_BPS });
const rates = new Map([
  ['camera', RATE_BPS],
  ['voice', VOICE_BPS],
]);

test('the longer video waits the less is made of it, but never nothing; a key frame on its way changes nothing', (t) => {
  const shares = [0, 100, 300, 450, 600, 800, 2000].map((ms) => Number(pushbackShare(ms).toFixed(1)));
  t.deepEqual(shares, [1, 1, 0.8, 0.7, 0.5, 0.3, 0.3]);
});

test('voices are made as before, and video even below its least for the moment', (t) => {
  t.deepEqual([...pushBack(A.streams, rates, 0.5).values()], [RATE_BPS / 2, VOICE_BPS]);
  t.is(pushBack(A.streams, rates, 1), rates);
});

test('it is told only when it changes what is made', (t) => {
  const watch = new BacklogWatch();
  const told = [0, 90, 700, 705, 800, 900, 90, 0].map((waitedMs) => watch.look(waitedMs).length);
  t.deepEqual(told, [0, 0, 1, 0, 1, 0, 1, 0]);
});

test('two seconds of it have left within six, where a plan leaves a twentieth of the uplink free', (t) => {
  const USED = 0.95;
  let [waitedMs, ms] = [2000, 0];
  for (; waitedMs > 200; ms += DELAYS.backlogLook)
    waitedMs += DELAYS.backlogLook * (USED * pushbackShare(waitedMs) - 1);
  t.true(ms <= 6000, `${ms}`);
});

test('sources are told, and no route is limited by it', (t) => {
  const view = viewOf(A, member('B'));
  const harness = alone({ ...FORWARDING, input: { ...FORWARDING.input, view } });
  const last = <K extends TransportCommand['type']>(kind: K) =>
    harness.commands.findLast(({ type }) => type === kind) as Extract<TransportCommand, { type: K }>;
  const camera = () => [last('transport.rates').rates.get('camera'), last('transport.table').table.own[0]?.rateBps];
  const toB = pathsOfRoutes([{ relay: null, slices: 0xffff, receivers: ['B'] }]);
  const streams = new Map([
    ['camera', toB],
    ['voice', toB],
  ]);
  harness.send({ type: 'routes.own', streams, rates, allowanceBps: RATE_BPS, presumed: new Set() });
  t.deepEqual(camera(), [RATE_BPS, RATE_BPS]);
  harness.send({ type: 'video.waits', waitedMs: 600 });
  t.deepEqual(camera(), [RATE_BPS / 2, RATE_BPS]);
  t.is(last('transport.rates').rates.get('voice'), VOICE_BPS);
  harness.send({ type: 'video.waits', waitedMs: 0 });
  t.deepEqual(camera(), [RATE_BPS, RATE_BPS]);
});
