/** What the contract calls a message, the page reads, and none of it gets lost on the way. */
import test from 'ava';
import { readServerMessage } from '../../actors/page/app/link/read.ts';
import {
  type RemoteStreamState,
  SERVER_MESSAGES,
  type ServerMessage,
  type ServerMessageType,
} from '../../actors/page/messages.ts';

const IDENTITY = { id: 'me', name: 'Me', room: 'r' };
const VIDEO: RemoteStreamState = {
  ...{ stream: 'camera-large', group: 'camera', layer: 1, media: 'video', codec: 'VP8/90000', playable: true },
  ...{ bps: 640_000, loss: null, via: ['c'], freezes: 1, frozenMs: 400, silent: false },
};

const LINE = { bps: 2, limit: 'line', overratedBps: 9 } as const;
const SAMPLES: { readonly [T in ServerMessageType]: Extract<ServerMessage, { type: T }> } = {
  welcome: {
    type: 'welcome',
    state: 'call',
    self: IDENTITY,
    uploadBps: 1,
    codecs: ['video/VP8'],
    slots: 25,
    limits: { name: 64, chat: 2_000 },
  },
  occupied: { type: 'occupied' },
  answer: { type: 'answer', sdp: 'v=0' },
  state: {
    ...{
      type: 'state',
      at: 1,
      invite: 'line',
      self: { ...IDENTITY, uploadBps: 3, usedBps: 2, lentBps: 1, line: LINE, downlinkBps: 4, bus: 'lost' },
    },
    own: [{ stream: 'voice', track: 'voice', rateBps: 1, sentBps: 2, receivers: 3, muted: false, relays: [] }],
    members: [
      {
        id: 'b',
        name: 'Bo',
        state: 'connected',
        pair: 'via',
        relays: ['c'],
        reason: null,
        ...{ plain: 'hears', sealed: true, heardBy: ['p'], forgedBy: ['c'] },
        streams: [VIDEO],
      },
    ],
  },
  rate: { type: 'rate', mid: '0', rid: 's', maxBps: 5 },
  chat: { type: 'chat', from: 'b', name: 'Bo', text: 'hello', at: 7, mine: false, to: 'me' },
  picture: { type: 'picture', told: { type: 'bus', connected: false } },
  ended: { type: 'ended', code: 'refused', text: 'no' },
  error: { type: 'error', code: 'x', text: 'no', field: 'room' },
};

test('every message of the contract is read', (t) => {
  for (const sample of Object.values(SAMPLES)) {
    const { type, ...body } = sample;
    t.true(SERVER_MESSAGES[type].safeParse(body).success, type);
    t.is(readServerMessage(JSON.stringify(sample))?.type, type);
  }
});

test('what is shown of them arrives', (t) => {
  const read = (type: ServerMessageType) => readServerMessage(JSON.stringify(SAMPLES[type]));
  t.like(read('welcome'), { state: 'call', suggestions: { name: 'Me', room: 'r' }, codecs: ['video/VP8'], slots: 25 });
  t.like(read('state'), {
    invite: 'line',
    self: { lentBps: 1, line: LINE, downlinkBps: 4, bus: 'lost' },
    own: [{ stream: 'voice', receivers: 3 }],
  });
  const { codec: _, layer: __, freezes: ___, ...shown } = VIDEO;
  t.like(read('state'), { members: [{ name: 'Bo', pair: 'via', reason: '', streams: [{ ...shown, loss: 0 }] }] });
  t.like(read('state'), { members: [{ plain: 'hears', sealed: true, heardBy: ['p'], forgedBy: ['c'] }] });
  t.like(read('chat'), { text: 'hello', at: 7, isPrivate: true });
  t.like(read('error'), { code: 'x', field: 'room' });
});
