/** One message of each kind, with something in every field. */
import type { Body, Kind } from '../../machines/messages.ts';
import { capabilities, member, profile, stream, voice } from './members.ts';

export const HELD = { relay: 'B', agreement: 'A.1.1', revision: 2 };
const legs = [{ slices: 0x00ff, receivers: ['C', 'D'] }];
export const SAMPLES: { readonly [K in Kind]: Body<K> } = {
  invite: {
    ...capabilities('A', { name: 'Zoë 👋', key: 'k'.repeat(43), outside: '192.0.2.7' }),
    known: [{ id: 'B', epoch: 3 }],
  },
  answer: capabilities('A', { streams: [] }),
  bye: { reason: 'left' },
  beat: { profile: 4 },
  'profile.ask': {},
  profile: profile(
    member('A', {
      streams: [stream('A', { group: 'cameras', layer: 1, fmtp: 'profile-id=0' }), voice('A')],
      wants: [{ source: 'B', stream: 'camera', maxBps: 5e5 }, { source: 'C' }],
      downloadBps: 1e7,
      cut: ['D'],
      routes: [{ stream: 'voice', relay: 'B', slices: 0xffff, receivers: ['C'] }],
      agreements: [HELD],
      promisedBps: 0.5,
      nat: 'cone',
    }),
    7,
  ),
  'relay.request': { agreement: 'A.1.1', revision: 1, streams: [{ stream: 'camera', rateBps: 1e6, legs }] },
  'relay.offer': { agreement: 'A.1.1', revision: 1, streams: [{ stream: 'camera', legs }], spareBps: 0 },
  'relay.reject': { agreement: 'A.1.1', revision: 1, code: 'lending.off', spareBps: 0 },
  'pair.candidates': { generation: 1, candidates: [{ kind: 'reflexive', host: '192.0.2.7', port: 4000 }] },
  'media.missing': { stream: 'camera', slices: 0x00ff },
  'media.forged': { stream: 'camera', relay: 'R' },
  'media.keys': { keys: [{ to: 'B', box: 'b'.repeat(82) }] },
  'media.keys.ask': {},
  'media.digests': { digests: ['d'.repeat(128)] },
  'media.digests.ask': { ssrc: 7, after: 3 },
  chat: { text: 'Grüße,\n\t"Zoë" 👋' },
  'relay.release': { agreement: 'A.1.1', reason: 'client.done', noticeMs: 0 },
};
