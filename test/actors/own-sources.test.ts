/** What feeds the own streams comes and goes with them, one change after the other. */
import test from 'ava';
import { OwnSources } from '../../actors/call/own-sources.ts';
import { describeStream, type ShownStream, StreamError } from '../../actors/call/own-stream.ts';
import { sealBps } from '../../actors/media/sealing/overhead.ts';
import { NOTHING_REJECTED, type Source } from '../../actors/source/contract.ts';
import type { OpenSourceOptions } from '../../actors/source/open.ts';
import { MAX_STREAMS, type StreamInfo } from '../../machines/messages.ts';

const SEALED_BPS = sealBps('video', true);
const VP8 = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' } as const;
const OPUS = {
  codec: { name: 'opus', clockRate: 48_000, channels: 2 },
  media: 'audio',
  payloadType: 111,
  fmtp: '',
} as const;

const shown = (name: string, changes: Partial<ShownStream> = {}): ShownStream => ({
  ...{ name, format: VP8, bitrate: { minBps: 1e5, maxBps: 1e6 }, group: null, layer: 0 },
  ...changes,
});

/** An own profile that keeps what it is told, and sources that say what becomes of them. */
function start() {
  const told: string[] = [];
  let streams: readonly StreamInfo[] = [];
  const sources = new OwnSources({
    own: {
      get streams() {
        return streams;
      },
      addStream: (info) => {
        streams = [...streams, info];
        told.push(`add ${info.name}`);
      },
      removeStream: (name) => {
        streams = streams.filter((stream) => stream.name !== name);
        told.push(`remove ${name}`);
      },
      setMost: (name, mostBps) => void told.push(`most ${name} ${mostBps}`),
    },
    transport: {
      send: (name) => void told.push(`send ${name}`),
      programTime: (name) => void told.push(`time ${name}`),
    },
    note: ({ type, stream }) => void told.push(`note ${type} ${stream}`),
    ports: new Set([5004]),
    isSigned: true,
  });
  const source = (name: string): Source => ({
    rateBps: null,
    setRate: (bps) => void told.push(`rate ${name} ${bps}`),
    requestKeyFrame: () => 'asked',
    counters: () => ({ packets: 0, bytes: 0, reports: 0, rejected: NOTHING_REJECTED, otherPayloads: new Map() }),
    measuredBps: () => 0,
    close: async () => void told.push(`close ${name}`),
  });
  const opened: OpenSourceOptions[] = [];
  const open = (name: string) => (options: OpenSourceOptions) => {
    opened.push(options);
    told.push(`open ${name}`);
    return source(name);
  };
  return { sources, told, opened, open, streams: () => streams };
}

test('a stream is fed before the room is told of it, and told of no more before its source closes', async (t) => {
  const { sources, told, open, opened, streams } = start();
  await sources.add(shown('screen'), open('screen'));
  t.is(opened[0]?.ssrc, streams()[0]?.ssrc);
  t.deepEqual(opened[0]?.otherPorts, new Set([5004]));
  sources.setRates(
    new Map([
      ['screen', 5e5],
      ['gone', 1],
    ]),
  );
  opened[0]?.send(new Uint8Array(12));
  opened[0]?.onTime(null);
  opened[0]?.onNews({ type: 'source.remeasured', stream: 'screen', measuredBps: 2e6, mostBps: 2e6, declaredBps: 1e6 });
  await sources.remove('screen');
  t.deepEqual(told, [
    ...[
      'open screen',
      'add screen',
      'note stream.added screen',
      `rate screen ${5e5 - SEALED_BPS}`,
      'send screen',
      'time screen',
    ],
    ...['note source.remeasured screen', `most screen ${2e6 + SEALED_BPS}`],
    ...['remove screen', 'note stream.removed screen', 'close screen'],
  ]);
  t.is(sources.all.size, 0);
});

test('changes that are asked for at once are carried out one after the other', async (t) => {
  const { sources, told, open } = start();
  const slowly = new Promise((resolve) => setImmediate(resolve));
  const first = sources.add(shown('screen'), async (options) => {
    await slowly;
    return open('screen')(options);
  });
  const all = [first, sources.remove('screen'), sources.add(shown('screen'), open('screen again'))];
  await Promise.all(all);
  t.deepEqual(
    told.filter((line) => !line.startsWith('note')),
    ['open screen', 'add screen', 'remove screen', 'close screen', 'open screen again', 'add screen'],
  );
});

test('a source that does not open leaves all as it was', async (t) => {
  const { sources, told, open } = start();
  const failure = new Error('no device');
  t.is(await t.throwsAsync(sources.add(shown('camera'), () => Promise.reject(failure))), failure);
  t.deepEqual(told, []);
  await sources.add(shown('camera'), open('camera'));
  t.deepEqual([...sources.all.keys()], ['camera']);
});

test('what cannot be has a code, and opens nothing', async (t) => {
  const { sources, told, open } = start();
  await sources.add(shown('camera'), open('camera'));
  const before = told.length;
  const codeOf = async (work: Promise<void>) => (await t.throwsAsync(work, { instanceOf: StreamError })).code;
  t.is(await codeOf(sources.add(shown('camera'), open('camera'))), 'stream.taken');
  t.is(await codeOf(sources.add(shown('my camera'), open('my camera'))), 'stream.invalid');
  t.is(await codeOf(sources.remove('screen')), 'stream.unknown');
  for (let count = 2; count <= MAX_STREAMS; count++) await sources.add(shown(`s${count}`), open(`s${count}`));
  t.is(await codeOf(sources.add(shown('one-more'), open('one-more'))), 'stream.too-many');
  t.is(new Set(told.slice(0, before)).size, before);
  await sources.close();
  t.is(told.filter((line) => line.startsWith('close')).length, MAX_STREAMS);
  t.is(await codeOf(sources.add(shown('late'), open('late'))), 'stream.closed');
});

test('streams of a group go together', (t) => {
  const small = describeStream(shown('small', { group: 'camera' }), [], true);
  const codeOf = (stream: ShownStream) =>
    t.throws(() => describeStream(stream, [small], true), { instanceOf: StreamError }).code;
  t.is(codeOf(shown('large', { group: 'camera' })), 'stream.invalid');
  t.is(codeOf(shown('large', { group: 'camera', layer: 1, format: OPUS })), 'stream.invalid');
  t.is(codeOf(shown('large', { bitrate: { minBps: 2, maxBps: 1 } })), 'stream.invalid');
  t.is(codeOf(shown('large', { format: { ...VP8, fmtp: 'a\nb' } })), 'stream.invalid');
  t.like(describeStream(shown('large', { group: 'camera', layer: 1 }), [small], true), {
    codec: 'VP8/90000',
    rateBps: 1e5 + SEALED_BPS,
  });
  t.like(describeStream(shown('voice', { format: OPUS }), [small], true), { codec: 'opus/48000/2', media: 'audio' });
});

test('of what nobody signs a voice has room for its seal, and a picture needs none', (t) => {
  const picture = describeStream(shown('camera'), [], false);
  t.is(picture.minBps, 1e5);
  const voice = (isSigned: boolean) => describeStream(shown('voice', { format: OPUS }), [], isSigned).minBps;
  // A seal of 17 bytes fifty times a second; digests of 8 bytes each, and four heads of 116 bytes.
  t.is(voice(false) - 1e5, 6800);
  t.is(voice(true) - voice(false), 3200 + 3712);
});
