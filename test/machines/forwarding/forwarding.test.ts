/** How routes change: the old way beside the new one until every relay has proved each stream, and never beyond the upload. */
import test from 'ava';
import type { AnyEventObject } from 'xstate';
import { pathsOfRoutes } from '../../../machines/forwarding/paths.ts';
import type { RelayedRoute, SentStream, TransportCommand } from '../../../machines/ports.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, stream, VOICE_BPS, viewOf, voice } from '../members.ts';
import { FORWARDING } from '../terrains.ts';

const ALL = 0xffff;
const A = member('A', { streams: [stream('A'), voice('A')], uploadBps: 4 * RATE_BPS });
const room = viewOf(A, member('B'), member('C'), member('D'));
const rates = new Map([
  ['camera', RATE_BPS],
  ['voice', VOICE_BPS],
]);
const [CAMERA, VOICE] = A.streams.map(({ ssrc }) => ssrc);

type Routes = Parameters<typeof pathsOfRoutes>[0];
const direct: Routes = [{ relay: null, slices: ALL, receivers: ['B', 'C'] }];
const through = (relay: string): Routes => [{ relay, slices: ALL, receivers: ['C'] }];
const routed = (camera: Routes, voice: Routes = [], allowanceBps = 4 * RATE_BPS): AnyEventObject => ({
  type: 'routes.own',
  streams: new Map([
    ['camera', pathsOfRoutes(camera)],
    ['voice', pathsOfRoutes(voice)],
  ]),
  ...{ rates, allowanceBps, presumed: new Set() },
});
const confirmed = (relay: string, ssrc = CAMERA): AnyEventObject => ({ type: 'relay.confirmed', relay, ssrc });

function forwarding() {
  const harness = alone({ ...FORWARDING, input: { ...FORWARDING.input, view: room } });
  const tables = () => harness.commands.filter(({ type }) => type === 'transport.table');
  const hops = (name = 'camera') => {
    const table = tables().at(-1) as Extract<TransportCommand, { type: 'transport.table' }> | undefined;
    const own: SentStream | undefined = table?.table.own.find(({ stream }) => stream === name);
    return own?.hops.map(({ peer }) => peer).sort();
  };
  const last = () => (tables().at(-1) as Extract<TransportCommand, { type: 'transport.table' }>).table;
  return { ...harness, tables, hops, last };
}

test('the old way is kept until every relay has reported on each stream that it forwards', (t) => {
  const { send, state, hops } = forwarding();
  send(routed(direct, direct));
  send(routed(through('B'), through('D')));
  t.is(state(), 'overlapping');
  t.deepEqual(
    [hops('camera'), hops('voice')],
    [
      ['B', 'C'],
      ['B', 'C', 'D'],
    ],
  );
  send(confirmed('B', VOICE));
  t.is(state(), 'overlapping', 'B should forward the camera');
  send(confirmed('B'));
  t.is(state(), 'overlapping', 'D has not reported');
  send(confirmed('D'));
  send(confirmed('D', 4711));
  t.is(state(), 'overlapping', 'D should forward the voice');
  send(confirmed('D', VOICE));
  t.is(state(), 'steady');
  t.deepEqual([hops('camera'), hops('voice')], [['B'], ['D']]);
});

test('a relay that has proved a stream need not prove it again, but any other', (t) => {
  const { send, state } = forwarding();
  send(routed(direct, direct));
  send(routed(through('B'), direct));
  send(confirmed('B'));
  send(routed([...through('B'), { relay: 'B', slices: ALL, receivers: ['D'] }], direct));
  t.is(state(), 'steady');
  send(routed(through('B'), through('B')));
  t.is(state(), 'overlapping');
});

test('both ways at once are never more than the upload allows', (t) => {
  const { send, state, hops } = forwarding();
  send(routed(direct));
  send(routed(through('B'), [], 1.9 * RATE_BPS));
  t.is(state(), 'steady');
  t.deepEqual(hops(), ['B']);
  send(routed(direct, [], 1.9 * RATE_BPS));
  send(routed(through('B'), [], 2 * RATE_BPS));
  t.is(state(), 'overlapping');
});

test('they end where what is promised to others needs the upload', (t) => {
  const relayed = (promisedBps: number): RelayedRoute => ({
    ...{ client: 'D', stream: 'camera', ssrc: 9, media: 'video', upstream: member('D').media, legs: [] },
    ...{ promisedBps, limitBps: promisedBps },
  });
  const { send, state, hops } = forwarding();
  send(routed(direct));
  send(routed(through('B')));
  send({ type: 'routes.relayed', routes: [relayed(2 * RATE_BPS)] });
  t.is(state(), 'overlapping');
  send({ type: 'routes.relayed', routes: [relayed(1.5 * RATE_BPS), relayed(RATE_BPS)] });
  t.deepEqual(hops(), ['B']);
});

test('the relays that the transport awaits reports of are those in use, with the SSRCs of what they forward', (t) => {
  const { send, last } = forwarding();
  send(routed(through('B'), through('B')));
  t.deepEqual(last().relays, [{ relay: 'B', ssrcs: [CAMERA, VOICE] }]);
  send(routed(through('D'), direct));
  t.deepEqual(last().relays, [
    { relay: 'D', ssrcs: [CAMERA] },
    { relay: 'B', ssrcs: [CAMERA, VOICE] },
  ]);
  send(confirmed('D'));
  t.deepEqual(last().relays, [{ relay: 'D', ssrcs: [CAMERA] }]);
});

test('what a dead relay swallowed of each stream is sent again from where it was, as soon as there is a way', (t) => {
  const { send, hops, commands } = forwarding();
  const resends = () => commands.filter(({ type }) => type === 'transport.resend');
  send(routed(through('B'), through('B')));
  send({
    type: 'relay.silent',
    relay: 'B',
    acknowledged: [
      { ssrc: CAMERA, sequence: 70 },
      { ssrc: VOICE, sequence: 5 },
    ],
    quiet: [],
  });
  t.deepEqual([hops('camera'), hops('voice')], [[], []]);
  t.deepEqual(resends(), []);
  send(routed(through('D'), [{ relay: null, slices: ALL, receivers: ['C'] }]));
  const again = (peer: string, ssrc: number | undefined, afterSequence: number, isAhead = true) => ({
    ...{ type: 'transport.resend', ssrc, afterSequence, slices: ALL, to: [peer], isAhead },
  });
  t.deepEqual(resends(), [again('D', CAMERA, 70), again('C', VOICE, 5)]);
  send(routed(direct, direct));
  t.deepEqual(
    resends().slice(2),
    [again('B', CAMERA, 70, false), again('B', VOICE, 5, false)],
    'its own copy, once it is heard again',
  );
});

test('where a plain endpoint is follows from what it says, unless another is there; where a peer is only its pair knows', (t) => {
  const { send, last } = forwarding();
  const claims = () => last().members.map(({ claim, isShared }) => (isShared ? 'shared' : claim));
  const plain = member('B', { compatible: false, media: { host: '192.0.2.1', port: 5004 } });
  const liar = member('D', { compatible: false, epoch: 2, media: plain.media });
  send({ type: 'view.changed', view: viewOf(A, plain, member('C'), liar) });
  t.deepEqual(claims(), [plain.media, null, 'shared']);
  t.deepEqual(
    last().members.map(({ rtcp }) => rtcp),
    [{ host: '192.0.2.1', port: 5005 }, 'muxed', null],
  );
  send({ type: 'view.changed', view: viewOf(member('A', { compatible: false }), member('C')) });
  t.deepEqual(claims(), [{ host: '192.0.2.1', port: member('C').media.port }]);
});

test('the transport is told no table twice', (t) => {
  const { send, tables } = forwarding();
  send(routed(direct));
  const before = tables().length;
  send(routed(direct));
  send({ type: 'view.changed', view: viewOf(A, member('B'), member('C'), member('D', { promisedBps: 1 })) });
  send({ type: 'routes.relayed', routes: [] });
  t.is(tables().length, before);
});

test('where nothing overlaps no time passes', (t) => {
  const { send, told, clock } = forwarding();
  send(routed(direct));
  t.deepEqual(told, [{ type: 'routes.settled' }]);
  send(routed(through('B')));
  clock.runUntil(DELAYS.overlap - 1);
  t.is(told.length, 1);
  clock.runUntil(DELAYS.overlap);
  t.is(told.length, 2);
});

test('video leaves faster than plans use the upload, and slower than all of it', (t) => {
  const { send, last } = forwarding();
  const [self, ...others] = [{ ...A, uploadBps: 2_000_000, usableBps: 1_900_000 }, member('B'), member('C')];
  send({ type: 'view.changed', view: viewOf(self, ...others) });
  t.is(Math.round(last().paceBps), 1_966_667);
});
