/** What a phone does not show is not sent to it. */
import test from 'ava';
import { phoneWants } from '../../actors/phone/wants.ts';
import type { RemoteStream } from '../../actors/sink/contract.ts';
import { MAX_WANTS } from '../../machines/messages.ts';

const VP8 = { codec: { name: 'VP8', clockRate: 90_000 }, payloadType: 96, fmtp: '', media: 'video' } as const;
const OPUS = {
  codec: { name: 'opus', clockRate: 48_000, channels: 2 },
  payloadType: 97,
  fmtp: '',
  media: 'audio',
} as const;
const picture = (peer: string, stream: string, group: string | null = null): RemoteStream => ({
  peer,
  stream,
  ssrc: 1,
  group,
  ...VP8,
});
const voice = (peer: string): RemoteStream => ({ peer, stream: 'voice', ssrc: 2, group: null, ...OPUS });

test('all voices, and of the pictures what is shown and what takes over', (t) => {
  const [b, c] = [picture('B', 'camera'), picture('C', 'small', 'camera')];
  const all = [b, c, picture('C', 'large', 'camera'), picture('D', 'screen'), voice('B'), voice('D')];
  const voices = ['B', 'D'].map((source) => ({ source, stream: 'voice' }));
  t.deepEqual(phoneWants(all, [null, null]), voices);
  t.deepEqual(phoneWants(all, [b, c]), [
    { source: 'B', stream: 'camera' },
    { source: 'C', stream: 'camera' },
    ...voices,
  ]);
  t.deepEqual(phoneWants(all, [c, c]), [{ source: 'C', stream: 'camera' }, ...voices], 'any layer, once');
});

test('no more than a message takes', (t) => {
  const crowd = Array.from({ length: MAX_WANTS + 5 }, (_, index) => voice(`P${index}`));
  const wants = phoneWants(crowd, [picture('B', 'camera')]);
  t.deepEqual([wants.length, wants[0]?.source], [MAX_WANTS, 'B']);
});
