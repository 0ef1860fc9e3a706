/** Bus messages made by hand, for the tests of what is told of them. */
import type { Body, Kind } from '../../../machines/messages.ts';
import type { BusMessage } from '../playing/bus-tap.ts';

const MEDIA = { host: '127.0.0.1', port: 5000 };
const SOURCE = {
  ssrc: 1,
  payloadType: 96,
  codec: 'VP8/90000',
  media: 'video',
  minBps: 1e6,
  maxBps: 1e6,
  rateBps: 1e6,
} as const;
const CAPABILITIES = { software: 'rpr', version: '1', compatible: true, media: MEDIA, source: SOURCE };
const LEGS = [
  { receiver: 'B', slices: 0xffff },
  { receiver: 'D', slices: 0x000f },
];

const BODIES: { readonly [K in Kind]: Body<K> } = {
  invite: { ...CAPABILITIES, known: [] },
  answer: { ...CAPABILITIES, compatible: false, source: null },
  bye: { reason: 'left' },
  presence: {
    ...CAPABILITIES,
    ...{ uploadBps: 5e6, usableBps: 4.75e6, lendBps: 5e6, leaving: false, promisedBps: 1e6 },
    routes: [{ relay: 'R', slices: 0xffff, receivers: ['B', 'D'] }],
  },
  'relay.request': {
    ...{ agreement: 'C.1', revision: 1, ssrc: 1, rateBps: 1e6 },
    legs: LEGS.map((leg) => ({ ...leg, address: MEDIA })),
  },
  'relay.offer': { agreement: 'C.1', revision: 1, legs: LEGS, spareBps: 0, holdMs: 2000 },
  'relay.reject': { agreement: 'C.1', revision: 1, code: 'capacity.exhausted', spareBps: 0 },
  'relay.accept': { agreement: 'C.1', revision: 1 },
  'media.missing': { ssrc: 1, slices: 0x000f },
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
