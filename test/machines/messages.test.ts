import test from 'ava';
import fc from 'fast-check';
import {
  type Body,
  decodeMessage,
  encodeMessage,
  KINDS,
  type Kind,
  MAX_MESSAGE_BYTES,
} from '../../machines/messages.ts';
import { capabilities } from './members.ts';

const leg = { receiver: 'C', slices: 0x00ff };
const SAMPLES: { readonly [K in Kind]: Body<K> } = {
  invite: { ...capabilities('A'), known: [{ id: 'B', epoch: 3 }] },
  answer: capabilities('A', { source: null }),
  bye: { reason: 'left' },
  presence: {
    ...capabilities('A'),
    ...{ uploadBps: 5e6, usableBps: 4.75e6, lendBps: 0, leaving: false, promisedBps: 0.5 },
    routes: [{ relay: null, slices: 0xffff, receivers: ['B'] }],
  },
  'relay.request': {
    ...{ agreement: 'A.1.1', revision: 1, ssrc: 5, rateBps: 1e6 },
    legs: [{ ...leg, address: { host: '::1', port: 9 } }],
  },
  'relay.offer': { agreement: 'A.1.1', revision: 1, legs: [leg], spareBps: 0, holdMs: 2000 },
  'relay.reject': { agreement: 'A.1.1', revision: 1, code: 'lending.off', spareBps: 0 },
  'relay.accept': { agreement: 'A.1.1', revision: 1 },
  'media.missing': { ssrc: 5, slices: 0x00ff },
  'relay.release': { agreement: 'A.1.1', reason: 'client.done', noticeMs: 0 },
};
const envelope = { epoch: 7, seq: 8 };

for (const kind of KINDS) {
  test(`${kind} arrives as it was sent, and without what it does not hold`, (t) => {
    const text = JSON.stringify({ ...envelope, ...SAMPLES[kind], extra: { deep: [1] }, __proto__: null });
    t.deepEqual(decodeMessage(kind, 'A', text), { kind, from: 'A', ...envelope, body: SAMPLES[kind] } as never);
  });

  test(`${kind} without one of its fields, or with another type there, is invalid`, (t) => {
    const whole = { ...envelope, ...SAMPLES[kind] };
    for (const field of Object.keys(whole)) {
      const { [field]: _, ...rest } = whole as Record<string, unknown>;
      for (const wrong of [rest, { ...rest, [field]: {} }, { ...rest, [field]: '\u0000' }, { ...rest, [field]: -1 }]) {
        const decoded = decodeMessage(kind, 'A', JSON.stringify(wrong));
        t.like(decoded, { fault: 'invalid' }, `${field}: ${JSON.stringify(wrong)}`);
        t.true('detail' in decoded && decoded.detail.length > 0);
      }
    }
  });
}

test('what encodeMessage writes is read again', (t) => {
  const text = encodeMessage({ kind: 'relay.accept', body: SAMPLES['relay.accept'] }, 7, 8);
  t.like(decodeMessage('relay.accept', 'A', text), { ...envelope, body: SAMPLES['relay.accept'] });
});

test('whatever the text is, it is a message or a fault, and never throws', (t) => {
  const anyText = fc.oneof(
    fc.string(),
    fc.json(),
    fc.string().map((text) => JSON.stringify(text)),
  );
  const property = fc.property(fc.constantFrom(...KINDS), anyText, (kind, text) => {
    const decoded = decodeMessage(kind, 'A', text);
    return 'fault' in decoded;
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 500 }));
});

test('a message is damaged anywhere, and still is read or refused', (t) => {
  const damage = fc.record({ kind: fc.constantFrom(...KINDS), at: fc.nat(), by: fc.string({ maxLength: 3 }) });
  const property = fc.property(damage, ({ kind, at, by }) => {
    const text = JSON.stringify({ ...envelope, ...SAMPLES[kind] });
    const place = at % text.length;
    decodeMessage(kind, 'A', `${text.slice(0, place)}${by}${text.slice(place + 1)}`);
  });
  t.notThrows(() => fc.assert(property, { seed: 2, numRuns: 1000 }));
});

test('numbers that no peer can mean are invalid', (t) => {
  const written = (text: string) => decodeMessage('relay.accept', 'A', text);
  for (const number of ['1e999', '-1', '0.5', '9007199254740993', '1e300', '"1"', 'null', 'true']) {
    t.like(written(`{"epoch":${number},"seq":0,"agreement":"a","revision":1}`), { fault: 'invalid' }, number);
    t.like(written(`{"epoch":0,"seq":0,"agreement":"a","revision":${number}}`), { fault: 'invalid' }, number);
  }
  const presence = { ...envelope, ...SAMPLES.presence };
  for (const uploadBps of [-1, 1e12, null, '5mbit']) {
    t.like(decodeMessage('presence', 'A', JSON.stringify({ ...presence, uploadBps })), { fault: 'invalid' });
  }
});

test('lists longer than a room, and masks of no slice, are invalid', (t) => {
  const request = { ...envelope, ...SAMPLES['relay.request'] };
  const decode = (legs: unknown) => decodeMessage('relay.request', 'A', JSON.stringify({ ...request, legs }));
  const [one] = request.legs;
  t.like(decode(Array(257).fill(one)), { fault: 'invalid' });
  t.like(decode([]), { fault: 'invalid' });
  t.like(decode([{ ...one, slices: 0 }]), { fault: 'invalid' });
  t.like(decode([{ ...one, slices: 0x1_0000 }]), { fault: 'invalid' });
  t.like(decode([{ ...one, receiver: 'all' }]), { fault: 'invalid' });
  t.like(decode([{ ...one, address: { host: 'example.org', port: 9 } }]), { fault: 'invalid' });
});

test('an oversized message is dropped unread, and what is not JSON says why', (t) => {
  t.like(decodeMessage('bye', 'A', ' '.repeat(MAX_MESSAGE_BYTES + 1)), { fault: 'oversized' });
  t.like(decodeMessage('bye', 'A', '{"epoch":'), { fault: 'not-json' });
  t.like(decodeMessage('bye', 'A', ''), { fault: 'not-json' });
});

test('text that a terminal might obey gets no further than the schema', (t) => {
  const hostile = { ...envelope, ...SAMPLES.answer, software: 'rpr\u001b[2J' };
  t.like(decodeMessage('answer', 'A', JSON.stringify(hostile)), { fault: 'invalid' });
});
