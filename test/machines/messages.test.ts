import test from 'ava';
import fc from 'fast-check';
import {
  decodeMessage,
  encodeMessage,
  KINDS,
  MAX_CHAT_TEXT,
  MAX_MEMBERS,
  MAX_MESSAGE_BYTES,
  MAX_ROUTES,
  MAX_STREAMS,
} from '../../machines/messages.ts';
import { stream } from './members.ts';
import { HELD, SAMPLES } from './message-samples.ts';

const envelope = { epoch: 7, seq: 8 };
/** Who does not tell these answers no checks, or has no name, and is no worse a member for that. */
const MAY_BE_LEFT_OUT = new Set(['name', 'key', 'outside', 'plain', 'nat', 'cut', 'costly', 'narrow', 'line']);

for (const kind of KINDS) {
  test(`${kind} arrives as it was sent, and without what it does not hold`, (t) => {
    const text = JSON.stringify({ ...envelope, ...SAMPLES[kind], extra: { deep: [1] }, __proto__: null });
    t.deepEqual(decodeMessage(kind, 'A', text), { kind, from: 'A', ...envelope, body: SAMPLES[kind] } as never);
  });

  test(`${kind} without one of its fields, or with another type there, is invalid`, (t) => {
    const whole = { ...envelope, ...SAMPLES[kind] };
    for (const field of Object.keys(whole)) {
      const { [field]: _, ...rest } = whole as Record<string, unknown>;
      // Beside a profile there are members that want everything.
      const isOptional = MAY_BE_LEFT_OUT.has(field) || (field === 'wants' && kind !== 'profile');
      const without = isOptional ? [] : [rest];
      for (const wrong of [
        ...without,
        { ...rest, [field]: {} },
        { ...rest, [field]: '\u0000' },
        { ...rest, [field]: -1 },
      ]) {
        const decoded = decodeMessage(kind, 'A', JSON.stringify(wrong));
        t.like(decoded, { fault: 'invalid' }, `${field}: ${JSON.stringify(wrong)}`);
        t.true('detail' in decoded && decoded.detail.length > 0);
      }
    }
  });
}

test('what encodeMessage writes is read again', (t) => {
  const text = encodeMessage({ kind: 'profile', body: SAMPLES.profile }, 7, 8);
  t.like(decodeMessage('profile', 'A', text), { ...envelope, body: SAMPLES.profile });
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
  const written = (text: string) => decodeMessage('relay.release', 'A', text);
  for (const number of ['1e999', '-1', '0.5', '9007199254740993', '1e300', '"1"', 'null', 'true']) {
    t.like(
      written(`{"epoch":${number},"seq":0,"agreement":"a","reason":"client.done","noticeMs":0}`),
      { fault: 'invalid' },
      number,
    );
    t.like(
      written(`{"epoch":0,"seq":0,"agreement":"a","reason":"client.done","noticeMs":${number}}`),
      { fault: 'invalid' },
      number,
    );
  }
  for (const uploadBps of [-1, 1e12, null, '5mbit']) t.like(told({ uploadBps }), { fault: 'invalid' });
});

/** What becomes of a profile that differs so from the sample. */
const told = (change: Record<string, unknown>) =>
  decodeMessage('profile', 'A', JSON.stringify({ ...envelope, ...SAMPLES.profile, ...change }));

test('lists longer than a room, and masks of no slice, are invalid', (t) => {
  const decode = (streams: unknown) =>
    decodeMessage('relay.request', 'A', JSON.stringify({ ...envelope, ...SAMPLES['relay.request'], streams }));
  const [camera] = SAMPLES['relay.request'].streams;
  const withLegs = (legs: unknown) => decode([{ ...camera, legs }]);
  const leg = { slices: 1, receivers: ['C'] };
  t.false('fault' in withLegs(Array(MAX_MEMBERS).fill(leg)));
  t.like(withLegs(Array(MAX_MEMBERS + 1).fill(leg)), { fault: 'invalid' });
  t.like(withLegs([]), { fault: 'invalid' });
  t.like(withLegs([{ ...leg, slices: 0 }]), { fault: 'invalid' });
  t.like(withLegs([{ ...leg, slices: 0x1_0000 }]), { fault: 'invalid' });
  t.like(withLegs([{ ...leg, receivers: ['all'] }]), { fault: 'invalid' });
  t.like(withLegs([{ ...leg, receivers: [] }]), { fault: 'invalid' });
  t.like(withLegs([{ ...leg, receivers: Array(MAX_MEMBERS + 1).fill('C') }]), { fault: 'invalid' });
  t.like(decode([]), { fault: 'invalid' });
  t.like(decode([camera, camera]), { fault: 'invalid' }, 'a stream twice');
  const streams = Array.from({ length: MAX_STREAMS + 1 }, (_, at) => ({ ...camera, stream: `s${at}` }));
  t.like(decode(streams), { fault: 'invalid' });
  t.false('fault' in decode(streams.slice(1)));
});

test('a profile has eight streams at most, each with a name and an SSRC of its own', (t) => {
  const many = Array.from({ length: MAX_STREAMS + 1 }, (_, at) => stream('A', { name: `s${at}`, ssrc: at }));
  t.false('fault' in told({ streams: many.slice(1) }));
  t.like(told({ streams: many }), { fault: 'invalid' });
  t.like(told({ streams: [stream('A'), stream('A', { ssrc: 1 })] }), {
    fault: 'invalid',
    detail: 'streams: two streams of one name',
  });
  t.like(told({ streams: [stream('A'), stream('A', { name: 'screen' })] }), {
    fault: 'invalid',
    detail: 'streams: two streams of one SSRC',
  });
  t.like(told({ streams: [stream('A', { name: 'a b' })] }), { fault: 'invalid' });
  t.like(told({ streams: [stream('A', { layer: MAX_STREAMS })] }), { fault: 'invalid' });
  t.like(told({ streams: [stream('A', { fmtp: 'a\r\nm=audio' })] }), { fault: 'invalid' });
  t.like(told({ streams: [stream('A', { codec: 'VP8/90000\n' })] }), { fault: 'invalid' });
});

test('what a profile lists is as long as a room and its routes are, and no longer', (t) => {
  const [route] = SAMPLES.profile.routes;
  const list = (length: number, of: unknown) => Array(length).fill(of);
  t.false('fault' in told({ routes: list(MAX_ROUTES, route) }));
  t.like(told({ routes: list(MAX_ROUTES + 1, route) }), { fault: 'invalid' });
  t.like(told({ receivers: list(MAX_MEMBERS + 1, 'C') }), { fault: 'invalid' });
  t.like(told({ agreements: list(MAX_MEMBERS + 1, HELD) }), { fault: 'invalid' });
  t.like(told({ wants: list(2 * MAX_MEMBERS + 1, { source: 'B' }) }), { fault: 'invalid' });
  t.like(told({ wants: 'none' }), { fault: 'invalid' });
  t.like(told({ routes: [{ ...route, to: '0'.repeat(65) }] }), { fault: 'invalid' });
  t.like(told({ routes: [{ ...route, to: 'FF' }] }), { fault: 'invalid' });
  t.like(told({ routes: [{ ...route, stream: MAX_STREAMS }] }), { fault: 'invalid' });
});

test('a host is an address, and nothing that must be looked up or can be read in two ways', (t) => {
  for (const host of ['192.0.2.1', '::1', '2001:db8::7']) t.false('fault' in told({ media: { host, port: 9 } }), host);
  const wrong = [
    '1.2.3',
    '999.1.1.1',
    '0x7f.1',
    '127.1',
    '01.2.3.4',
    'localhost',
    'example.org',
    '',
    '1.2.3.4 ',
    '[::1]',
  ];
  for (const host of [...wrong, '::1%eth0', '1.2.3.4:5', ':::', 'g::1'])
    t.like(told({ media: { host, port: 9 } }), { fault: 'invalid' }, host);
  for (const port of [0, 65_536, -1, 1.5]) t.like(told({ media: { host: '::1', port } }), { fault: 'invalid' });
});

test('an address has one text, however it was written', (t) => {
  const hostOf = (host: string) => {
    const decoded = told({ media: { host, port: 9 } });
    return 'fault' in decoded || decoded.kind !== 'profile' ? decoded : decoded.body.media.host;
  };
  for (const host of ['2001:db8::7', '2001:DB8::7', '2001:0db8:0:0:0:0:0:7', '2001:db8:0:0::7'])
    t.is(hostOf(host), '2001:db8::7');
  for (const host of ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '0:0:0:0:0:FFFF:C000:0201'])
    t.is(hostOf(host), '192.0.2.1');
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

test('what is written is plain text of some length', (t) => {
  const written = (text: unknown) => decodeMessage('chat', 'A', JSON.stringify({ ...envelope, text }));
  for (const text of [
    'x',
    'a\n\tb',
    'می\u200cخواهم \u2067שלום\u2069',
    '👩\u200d🚀',
    '<script>',
    'x'.repeat(MAX_CHAT_TEXT),
  ])
    t.like(written(text), { body: { text } });
  for (const text of [
    '',
    'x'.repeat(MAX_CHAT_TEXT + 1),
    'a\rb',
    '\u001b[2J',
    '\u0000',
    '\u009b',
    '\u202eabc',
    '\udc00',
    7,
  ])
    t.like(written(text), { fault: 'invalid' }, JSON.stringify(text));
});

test('a name is one line that runs one way, of 64 characters at most; who tells none has none', (t) => {
  const named = (name?: string) =>
    decodeMessage('answer', 'A', JSON.stringify({ ...envelope, ...SAMPLES.answer, name }));
  for (const name of ['', 'Anna', 'Владимир', 'رضا', '山田 太郎', 'می\u200cخواهم', '👩\u200d🚀'.repeat(20), '<b>&"'])
    t.like(named(name), { body: { name } });
  t.like(named(), { body: { name: '' } });
  for (const name of [
    'a\nb',
    'a\u0007',
    '\u001b[2J',
    '\u0085',
    '\u2028',
    'A\u202eanna',
    '\u2066x',
    '\u200fx',
    '\ud800',
    'x'.repeat(65),
  ])
    t.like(named(name), { fault: 'invalid' }, JSON.stringify(name));
});
