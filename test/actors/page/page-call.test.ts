/** The call of a page without a browser and without a room: what its encoders are told, and what the room is asked for. */
import test from 'ava';
import type { ServerMessage } from '../../../actors/page/messages.ts';
import { PageCall, type ShownCall } from '../../../actors/page/page-call.ts';
import { pageCodecs } from '../../../actors/page/page-codecs.ts';
import type { Source } from '../../../actors/source/contract.ts';
import type { CallStatus } from '../../../actors/status/snapshot.ts';
import type { LinkMedia } from '../../../infra/webrtc/contract.ts';
import { soloView, withMember } from '../../../machines/view.ts';
import { member, stream, voice } from '../../machines/members.ts';

const VP8 = { payloadType: 120, codec: 'VP8/90000', fmtp: '' };
const OPUS = { payloadType: 109, codec: 'opus/48000/2', fmtp: '' };
const MEDIA: readonly LinkMedia[] = [
  { direction: 'send', mid: '0', kind: 'video', rids: ['s', 'l'], formats: [VP8] },
  { direction: 'send', mid: '1', kind: 'audio', rids: [], formats: [OPUS] },
  { direction: 'receive', mid: '2', kind: 'video', ssrc: 77, formats: [VP8] },
  { direction: 'receive', mid: '3', kind: 'audio', ssrc: 78, formats: [OPUS] },
];
const OFFER = {
  ...({ type: 'offer', sdp: 'v=0' } as const),
  tracks: [
    { mid: '0', stream: 'camera' as const, layers: ['s', 'l'].map((rid) => ({ rid, maxHeight: 720 })) },
    { mid: '1', stream: 'voice' as const, layers: [] },
  ],
};
const STATUS: CallStatus = {
  ...{ id: 'A', name: 'Ada', room: 'main', state: 'joined', busConnected: true, packetPath: 'dgram' },
  ...{ uploadBps: 1e7, usableBps: 1e7, sendBps: 0, lendBps: 0, promisedBps: 0, streams: [], members: [], lines: [] },
  ...{
    measured: null,
    downlink: null,
    drops: {},
    plain: [],
    trust: { isOpen: true, unsigned: [], refused: [], forgeries: [] },
  },
};
/** B has a camera in layers, a screen and a voice. */
const VIEW = withMember(
  soloView(member('A')),
  member('B', {
    streams: [
      stream('B', { name: 'camera-small', ssrc: 1, group: 'camera', layer: 0 }),
      stream('B', { name: 'camera-large', ssrc: 2, group: 'camera', layer: 1 }),
      stream('B', { name: 'screen', ssrc: 3 }),
      voice('B', { ssrc: 4 }),
    ],
  }),
);

async function start() {
  const told: ServerMessage[] = [];
  const sources = new Map<string, Source>();
  const wants: unknown[] = [];
  let hear: () => void = () => undefined;
  const call: ShownCall = {
    addStream: async ({ name }, open) => {
      const nothing = () => undefined;
      const how = { ssrc: 5, send: nothing, onNews: nothing, onTime: nothing, otherPorts: new Set<number>() };
      sources.set(name, await open(how));
    },
    removeStream: async () => undefined,
    addSink: () => () => undefined,
    onView: () => () => undefined,
    onChat: () => () => undefined,
    status: () => STATUS,
    participant: {
      ...{ chat: [], negotiation: undefined, view: VIEW, requestKeyFrame: () => true },
      say: () => {
        throw new Error('nobody says anything here');
      },
      own: {
        setWants: ({ wants: wanted }) => {
          wants.push(wanted);
          hear();
        },
      },
    },
  };
  const page = new PageCall({
    ...{
      call,
      options: { id: 'A', room: 'main' },
      meeting: { room: 'main', nats: null, key: null },
      codecs: pageCodecs('VP8'),
    },
    ...{ wantsWhatIsShown: true, tell: (message) => told.push(message), now: () => 1000, unixNow: () => 0 },
    picture: { watch: async () => undefined, take: () => undefined },
    openLink: async () => ({
      ...{ media: MEDIA, answer: async () => 'answer', sendRtp: () => undefined, sendRtcp: () => undefined },
      close: async () => undefined,
    }),
  });
  page.attach();
  await page.take(OFFER);
  const rates = () =>
    told.splice(0).flatMap((message) => (message.type === 'rate' ? [`${message.rid} ${message.maxBps}`] : []));
  /** The next that is wanted: until then this keeps the process, which the page's own timers do not. */
  const next = () =>
    new Promise<void>((resolve) => {
      const kept = setTimeout(() => undefined, 60_000);
      hear = () => {
        clearTimeout(kept);
        resolve();
      };
    });
  return { page, sources, wants, rates, next };
}

test('an encoder is told its rate in the moment in which the plan says it: up, down, and to rest', async (t) => {
  const { page, sources, rates } = await start();
  t.deepEqual([...sources.keys()].sort(), ['camera-large', 'camera-small', 'voice']);
  const large = sources.get('camera-large');
  t.deepEqual(rates(), [], 'not before there is a plan');
  large?.setRate?.(300_000);
  t.deepEqual(rates(), ['l 261000']);
  large?.setRate?.(1_200_000);
  t.deepEqual(rates(), ['l 1044000']);
  large?.setRate?.(1_200_000);
  t.deepEqual(rates(), [], 'once');
  large?.setRate?.(0);
  t.deepEqual(rates(), ['l 0']);
  sources.get('camera-small')?.setRate?.(200_000);
  t.deepEqual(rates(), ['s 174000']);
  await page.close();
});

test('a tab that comes anew is told all rates', async (t) => {
  const { page, sources, rates } = await start();
  sources.get('camera-large')?.setRate?.(0);
  sources.get('camera-small')?.setRate?.(200_000);
  rates();
  page.detach();
  page.attach();
  await page.take(OFFER);
  t.deepEqual(rates().sort(), ['l 0', 's 174000']);
  await page.close();
});

test('the room is asked for what tiles show, each layer as its tile is worth it, and for nothing else', async (t) => {
  const { page, wants, next } = await start();
  const camera = { mid: '2', peer: 'B', stream: 'camera', maxBps: 200_000 };
  const sound = { mid: '3', peer: 'B', stream: 'voice' };
  await page.take({ type: 'show', slots: [camera, sound] });
  t.deepEqual(wants.at(-1), [
    { source: 'B', stream: 'camera', maxBps: 200_000 },
    { source: 'B', stream: 'voice' },
  ]);
  // A screen has one rate for all: a small tile makes it poor for nobody.
  const screened = next();
  await page.take({ type: 'show', slots: [{ ...camera, stream: 'screen' }, sound] });
  await screened;
  t.deepEqual(wants.at(-1), [
    { source: 'B', stream: 'screen' },
    { source: 'B', stream: 'voice' },
  ]);
  const hidden = next();
  await page.take({ type: 'show', slots: [sound] });
  await hidden;
  t.deepEqual(wants.at(-1), [{ source: 'B', stream: 'voice' }]);
  const saved = next();
  await page.take({ type: 'show', slots: [camera, sound] });
  await page.take({ type: 'saver', on: true });
  await page.take({ type: 'show', slots: [] });
  await saved;
  t.deepEqual(wants.at(-1), []);
  await page.close();
});
