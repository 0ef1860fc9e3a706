/** Bus messages made by hand, for the tests of what is told of them. */

import type { BusMessage } from '../../../actors/watch/bus-tap.ts';
import type { Body, Kind, StreamInfo } from '../../../machines/messages.ts';
import { packRoutes } from '../../../machines/signaling/routes-on-wire.ts';

const MEDIA = { host: '127.0.0.1', port: 5000 };
const CAMERA: StreamInfo = {
  ...{ name: 'camera', ssrc: 1, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' },
  ...{ minBps: 1e6, maxBps: 1e6, rateBps: 1e6, group: null, layer: 0 },
};
const CAPABILITIES = { name: '', software: 'rpr', version: '1', compatible: true, media: MEDIA, streams: [CAMERA] };
const PLACE = { key: null, outside: null, wants: 'all', plain: 'local' } as const;
const STREAMS = [
  {
    stream: 'camera',
    legs: [
      { slices: 0xffff, receivers: ['B', 'E'] },
      { slices: 0x000f, receivers: ['D'] },
    ],
  },
];

const BODIES: { readonly [K in Kind]: Body<K> } = {
  invite: { ...CAPABILITIES, ...PLACE, known: [] },
  answer: { ...CAPABILITIES, ...PLACE, compatible: false, streams: [] },
  bye: { reason: 'left' },
  beat: { profile: 3 },
  'profile.ask': {},
  profile: {
    ...CAPABILITIES,
    ...{ number: 3, uploadBps: 5e6, usableBps: 4.75e6, lendBps: 5e6, downloadBps: null, wants: 'all', leaving: false },
    ...packRoutes([CAMERA], [{ stream: 'camera', relay: 'R', slices: 0xffff, receivers: ['B', 'D'] }]),
    ...{ cut: [], costly: [], narrow: [], line: null },
    agreements: [{ relay: 'R', agreement: 'C.1', revision: 1 }],
    promisedBps: 1e6,
    ...{ ...PLACE, nat: 'none' },
  },
  'relay.request': {
    ...{ agreement: 'C.1', revision: 1 },
    streams: STREAMS.map((stream) => ({ ...stream, rateBps: 1e6 })),
  },
  'relay.offer': { agreement: 'C.1', revision: 1, streams: STREAMS, spareBps: 0 },
  'relay.reject': { agreement: 'C.1', revision: 1, code: 'capacity.exhausted', spareBps: 0 },
  'pair.candidates': { generation: 1, candidates: [{ kind: 'host', ...MEDIA }] },
  'media.missing': { stream: 'camera', slices: 0x000f },
  'media.forged': { stream: 'camera', relay: 'R' },
  'media.keys': { keys: [{ to: 'B', box: 'b'.repeat(82) }] },
  'media.keys.ask': {},
  'media.digests': { digests: ['d'.repeat(128)] },
  'media.digests.ask': { ssrc: 7, after: 3 },
  chat: { text: 'hello' },
  'relay.release': { agreement: 'C.1', reason: 'relay.leaving', noticeMs: 1000 },
};

/** A message of every field that its kind has. */
export function busMessage<K extends Kind>(
  from: string,
  to: string,
  kind: K,
  changes: Partial<Body<K>> = {},
  at = 0,
): BusMessage {
  const body = { ...BODIES[kind], ...changes };
  return { at, from, to, message: { kind, from, epoch: 1, seq: 1, body } as BusMessage['message'] };
}
