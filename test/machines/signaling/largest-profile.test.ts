/** A profile that its schema takes is never too large for a message. */
import test from 'ava';
import {
  type Body,
  decodeMessage,
  encodeMessage,
  MAX_MEMBERS,
  MAX_MESSAGE_BYTES,
  MAX_NARROW,
  MAX_ROUTES,
  MAX_STREAMS,
  type StreamInfo,
} from '../../../machines/messages.ts';

/** No number of bit/s takes more text. */
const LONGEST_BPS = Number('1.2345678901234567e-300');
const MOST = Number.MAX_SAFE_INTEGER;
/** Such text takes twice its length in JSON. */
const quotes = (length: number) => '"'.repeat(length);
const id = (index: number) => String(index).padStart(32, 'x');

const STREAMS: StreamInfo[] = Array.from({ length: MAX_STREAMS }, (_, index) => ({
  name: id(index),
  ssrc: 0xffff_fff0 + index,
  payloadType: 127,
  codec: `${'c'.repeat(32)}/999999/99`,
  fmtp: quotes(1024),
  media: 'audio',
  ...{ minBps: LONGEST_BPS, maxBps: LONGEST_BPS, rateBps: LONGEST_BPS },
  group: id(index),
  layer: 7,
}));
const LARGEST: Body<'profile'> = {
  name: '👋'.repeat(64),
  software: quotes(64),
  version: quotes(32),
  compatible: false,
  plain: 'refuse',
  media: { host: '0000:0000:0000:0000:0000:ffff:192.168.100.100', port: 65_535 },
  streams: STREAMS,
  ...{ key: 'k'.repeat(43), outside: '0000:0000:0000:0000:0000:ffff:192.168.100.100', nat: 'symmetric' },
  cut: Array.from({ length: MAX_MEMBERS }, (_, index) => id(index)),
  costly: Array.from({ length: MAX_MEMBERS }, (_, index) => id(index)),
  narrow: Array.from({ length: MAX_NARROW }, (_, index) => ({ peer: id(index), bps: LONGEST_BPS })),
  ...{ uploadBps: LONGEST_BPS, usableBps: LONGEST_BPS, lendBps: LONGEST_BPS, downloadBps: LONGEST_BPS },
  line: { bps: LONGEST_BPS, isShort: false },
  wants: Array.from({ length: 2 * MAX_MEMBERS }, (_, index) => ({
    ...{ source: id(index), stream: id(index), maxBps: LONGEST_BPS },
  })),
  leaving: false,
  number: MOST,
  receivers: Array.from({ length: MAX_MEMBERS }, (_, index) => id(index)),
  routes: Array.from({ length: MAX_ROUTES }, (_, index) => ({
    ...{ stream: 7, relay: id(index), slices: 0xffff, to: 'f'.repeat(MAX_MEMBERS / 4) },
  })),
  agreements: Array.from({ length: MAX_MEMBERS }, (_, index) => ({
    ...{ relay: id(index), agreement: 'a'.repeat(96), revision: MOST },
  })),
  promisedBps: LONGEST_BPS,
};

test('the largest profile arrives', (t) => {
  const text = encodeMessage({ kind: 'profile', body: LARGEST }, MOST, MOST);
  t.log(`${text.length} of ${MAX_MESSAGE_BYTES} bytes`);
  t.deepEqual(decodeMessage('profile', 'A', text), {
    ...{ kind: 'profile', from: 'A', epoch: MOST, seq: MOST },
    // An address has one text, however long a text it came in.
    body: { ...LARGEST, media: { ...LARGEST.media, host: '192.168.100.100' }, outside: '192.168.100.100' },
  });
});

test('no list in it can be longer, nor any text', (t) => {
  for (const [key, value] of Object.entries(LARGEST)) {
    const more = Array.isArray(value) ? [...value, value[0]] : typeof value === 'string' ? `${value}x` : undefined;
    if (more === undefined) continue;
    const text = JSON.stringify({ epoch: 1, seq: 1, ...LARGEST, [key]: more });
    t.like(decodeMessage('profile', 'A', text), { fault: 'invalid' }, key);
  }
});
