/** An upload falls below what is promised and planned: video gives way at once, own and relayed alike, and audio does not. */
import test from 'ava';
import { pathsOfRoutes } from '../../../machines/forwarding/paths.ts';
import { thinned, thinnedRates, videoShare } from '../../../machines/forwarding/thinning.ts';
import type { RelayedRoute, TransportCommand } from '../../../machines/ports.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, stream, VOICE_BPS, viewOf, voice } from '../members.ts';
import { FORWARDING } from '../terrains.ts';

const ALL = 0xffff;
const UPLOAD_BPS = 4 * RATE_BPS;
const A = member('A', { streams: [{ ...stream('A'), minBps: RATE_BPS / 4 }, voice('A')], uploadBps: UPLOAD_BPS });
const others = [member('B'), member('C'), member('D')];
const rates = new Map([
  ['camera', RATE_BPS],
  ['voice', VOICE_BPS],
]);
const toBandC = pathsOfRoutes([{ relay: null, slices: ALL, receivers: ['B', 'C'] }]);
const sending = new Map([
  ['camera', toBandC],
  ['voice', toBandC],
]);
const routeOf = (media: RelayedRoute['media'], promisedBps: number): RelayedRoute => ({
  ...{ client: 'B', stream: media, ssrc: promisedBps, media, promisedBps, limitBps: promisedBps },
  legs: [{ receiver: 'C', slices: ALL }],
});
const relayed = [routeOf('video', RATE_BPS), routeOf('audio', VOICE_BPS)];
const load = { streams: A.streams, sending, rates, relayed };
const WHOLE_BPS = 3 * RATE_BPS + 3 * VOICE_BPS;

test('audio has all that it needs, and all video the same share of the rest', (t) => {
  t.is(videoShare(load, WHOLE_BPS), 1);
  t.is(videoShare(load, 1.5 * RATE_BPS + 3 * VOICE_BPS), 0.5);
  t.is(videoShare(load, VOICE_BPS), 0);
});

test('routes of audio stay as they are, and no source is asked for less than it can do', (t) => {
  t.deepEqual(
    thinned(relayed, 0.5).map(({ limitBps, isThinned }) => [limitBps, isThinned]),
    [
      [RATE_BPS / 2, true],
      [VOICE_BPS, undefined],
    ],
  );
  t.is(thinned(relayed, 1), relayed);
  const told = (share: number) => [...thinnedRates(A.streams, rates, share).values()];
  t.deepEqual(told(0.5), [RATE_BPS / 2, VOICE_BPS]);
  t.deepEqual(told(0.1), [RATE_BPS / 4, VOICE_BPS]);
});

test('in the turn in which the upload falls relayed video is thinned and the encoder told, and both are undone when it is back', (t) => {
  const view = (uploadBps: number) => viewOf({ ...A, uploadBps }, ...others);
  const harness = alone({ ...FORWARDING, input: { ...FORWARDING.input, view: view(UPLOAD_BPS) } });
  const last = <K extends TransportCommand['type']>(kind: K) =>
    harness.commands.findLast(({ type }) => type === kind) as Extract<TransportCommand, { type: K }>;
  const limits = () => last('transport.table').table.relayed.map(({ limitBps }) => limitBps);
  const camera = () => last('transport.rates').rates.get('camera');
  harness.send({ type: 'routes.own', streams: sending, rates, allowanceBps: 3 * RATE_BPS, presumed: new Set() });
  harness.send({ type: 'routes.relayed', routes: relayed });
  t.deepEqual([limits(), camera()], [[RATE_BPS, VOICE_BPS], RATE_BPS]);
  harness.send({ type: 'view.changed', view: view(1.5 * RATE_BPS + 3 * VOICE_BPS) });
  t.deepEqual([limits(), camera()], [[RATE_BPS / 2, VOICE_BPS], RATE_BPS / 2]);
  t.is(last('transport.table').table.own[0]?.rateBps, RATE_BPS / 2);
  harness.send({ type: 'view.changed', view: view(UPLOAD_BPS) });
  t.deepEqual([limits(), camera()], [[RATE_BPS, VOICE_BPS], RATE_BPS]);
});
