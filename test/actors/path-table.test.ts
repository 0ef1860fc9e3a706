/** What the machines' table becomes for the packet path: whose packets are taken from where, and what is forwarded of them. */
import test from 'ava';
import type { AddressedMember, AddressedRoute, AddressedStream } from '../../actors/media/addressed-table.ts';
import { EMPTY_TABLE as NOTHING } from '../../actors/media/addressed-table.ts';
import { pathTable } from '../../actors/media/path-table.ts';
import type { StreamInfo } from '../../machines/messages.ts';
import { addressedAt } from './transport-members.ts';

const at = (port: number) => ({ host: '10.0.0.1', port });

const stream = (name: string, ssrc: number): StreamInfo => ({
  ...{ name, ssrc, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
});

const member = (peer: string, port: number, ssrcs: readonly number[], compatible = true): AddressedMember =>
  addressedAt(
    peer,
    at(port),
    ssrcs.map((ssrc) => stream(`s${ssrc}`, ssrc)),
    compatible,
  );

const own = (ssrc: number, port: number): AddressedStream => ({
  ...{ stream: `own${ssrc}`, ssrc, media: 'audio', codec: 'opus/48000/2', rateBps: 1000 },
  holders: [],
  hops: [{ peer: 'B', to: at(port), slices: 0xff }],
});

const relayed = (client: string, ssrc: number, upstream: number, to: number): AddressedRoute => ({
  ...{ client, stream: `s${ssrc}`, ssrc, media: 'video', promisedBps: 1000, limitBps: 1000 },
  ...{ upstream: at(upstream), from: [at(upstream)] },
  legs: [{ receiver: 'R', slices: 0xf0f0, address: at(to) }],
});

test('each own stream goes along its hops, without a limit', (t) => {
  t.deepEqual(pathTable({ ...NOTHING, own: [own(1, 5001), own(2, 5002)] }).routes, [
    { ssrc: 1, upstream: null, legs: [{ to: at(5001), slices: 0xff }], limitBps: null, media: 'audio' },
    { ssrc: 2, upstream: null, legs: [{ to: at(5002), slices: 0xff }], limitBps: null, media: 'audio' },
  ] as never);
});

test('an own video is held to its rate and a little more, as its relays hold it', (t) => {
  const routes = (rateBps: number) =>
    pathTable({ ...NOTHING, own: [{ ...own(1, 5001), media: 'video', rateBps }] }).routes;
  t.is(routes(1000)[0]?.limitBps, 1250);
  t.is(routes(0)[0]?.limitBps, null);
});

test('each relayed stream goes from its client alone to its legs, at most at what was promised and a little more', (t) => {
  const { routes } = pathTable({ ...NOTHING, relayed: [relayed('C', 7, 6001, 5001), relayed('C', 8, 6001, 5002)] });
  t.deepEqual(routes, [
    { ssrc: 7, upstream: [at(6001)], legs: [{ to: at(5001), slices: 0xf0f0 }], limitBps: 1250, media: 'video' },
    { ssrc: 8, upstream: [at(6001)], legs: [{ to: at(5002), slices: 0xf0f0 }], limitBps: 1250, media: 'video' },
  ]);
});

test('what an upload no longer carries is thinned at once: no slack, and no burst saved up before', (t) => {
  const { routes } = pathTable({ ...NOTHING, relayed: [{ ...relayed('C', 7, 6001, 5001), isThinned: true }] });
  t.deepEqual(
    routes.map(({ limitBps, burstMs }) => [limitBps, burstMs]),
    [[1000, 200]],
  );
});

test('an SSRC of ours is never forwarded or played for another, and of two clients the first has it', (t) => {
  const { routes, sinks } = pathTable({
    ...NOTHING,
    own: [own(1, 5001), own(2, 5001)],
    relayed: [relayed('C', 2, 6001, 5002), relayed('C', 7, 6001, 5002), relayed('D', 7, 6002, 5003)],
    members: [member('C', 6001, [2, 7])],
  });
  t.deepEqual(
    routes.map(({ ssrc, upstream }) => [ssrc, upstream?.[0]?.port]),
    [
      [1, undefined],
      [2, undefined],
      [7, 6001],
    ],
  );
  t.deepEqual(
    sinks.map(({ ssrc }) => ssrc),
    [7],
  );
});

test('all streams of a member may come from it and from those that may relay; of a plain endpoint nobody else is relayed', (t) => {
  const members = [member('B', 6001, [11, 12]), member('P', 6002, [21], false), member('C', 6003, [])];
  t.deepEqual(pathTable({ ...NOTHING, members }).sinks, [
    { ssrc: 11, from: [at(6001), at(6003)] },
    { ssrc: 12, from: [at(6001), at(6003)] },
    { ssrc: 21, from: [at(6002), at(6001), at(6003)] },
  ]);
});

test('of two members with one SSRC the first has it', (t) => {
  const members = [member('P', 6001, [11], false), member('Q', 6002, [11, 12], false)];
  t.deepEqual(pathTable({ ...NOTHING, members }).sinks, [
    { ssrc: 11, from: [at(6001)] },
    { ssrc: 12, from: [at(6002)] },
  ]);
});
