/** A room file that can't be planned is refused with the path of the field that is wrong. */
import test from 'ava';
import { parseRoomFile, RoomFileError } from '../../machines/planning/room-file.ts';

const peer = { id: 'A', uploadBps: 1 };
const REFUSED: readonly (readonly [name: string, text: string, field: string])[] = [
  ['not JSON', '{', ''],
  ['no object', '[]', ''],
  ['no headroom', JSON.stringify({ peers: [] }), 'headroom'],
  ['headroom above 1', JSON.stringify({ headroom: 2, peers: [] }), 'headroom'],
  ['no upload', JSON.stringify({ headroom: 1, peers: [{ id: 'A' }] }), 'peers[0].uploadBps'],
  ['negative rate', JSON.stringify({ headroom: 1, peers: [{ ...peer, lendBps: -1 }] }), 'peers[0].lendBps'],
  ['infinite rate', '{"headroom":1,"peers":[{"id":"A","uploadBps":1e999}]}', 'peers[0].uploadBps'],
  ['repeated id', JSON.stringify({ headroom: 1, peers: [peer, peer] }), 'peers[1].id'],
  ['bad id', JSON.stringify({ headroom: 1, peers: [{ ...peer, id: 'a b' }] }), 'peers[0].id'],
  [
    'least above most',
    JSON.stringify({ headroom: 1, peers: [{ ...peer, source: { minBps: 2, maxBps: 1 } }] }),
    'peers[0].source.maxBps',
  ],
];

for (const [name, text, field] of REFUSED) {
  test(name, (t) => {
    const error = t.throws(() => parseRoomFile(text), { instanceOf: RoomFileError, code: 'room-file.invalid' });
    t.is(error?.field, field);
  });
}

const voice = { name: 'voice', media: 'audio', minBps: 64_000, maxBps: 64_000 };
const layer = (name: string, place: number) => ({ ...voice, name, media: 'video', group: 'camera', layer: place });
const refusedStreams: readonly (readonly [name: string, peers: readonly object[], field: string])[] = [
  ['two streams of one name', [{ ...peer, streams: [voice, voice] }], 'peers[0].streams[1].name'],
  ['a want of nobody', [{ ...peer, streams: [voice], wants: ['B'] }], 'peers[0].wants[0]'],
  ['a want of a stream of nobody', [{ ...peer, wants: ['B/voice'] }], 'peers[0].wants[0]'],
  [
    'a want of a stream that does not exist',
    [
      { ...peer, streams: [voice] },
      { id: 'B', uploadBps: 1, wants: ['A/screen'] },
    ],
    'peers[1].wants[0]',
  ],
  ['a want that is no name', [{ ...peer, streams: [voice], wants: ['A/voice/more'] }], 'peers[0].wants[0]'],
  ['source and streams', [{ ...peer, source: { minBps: 1, maxBps: 1 }, streams: [voice] }], 'peers[0].streams'],
  [
    'a source beside streams of others',
    [
      { ...peer, source: { minBps: 1, maxBps: 1 } },
      { id: 'B', uploadBps: 1, streams: [voice] },
    ],
    'peers[0].source',
  ],
  [
    'a layer of no group',
    [{ ...peer, streams: [{ ...layer('a', 0), group: undefined }] }],
    'peers[0].streams[0].layer',
  ],
  [
    'a group without layers',
    [{ ...peer, streams: [{ ...layer('a', 0), layer: undefined }] }],
    'peers[0].streams[0].layer',
  ],
  ['one layer twice', [{ ...peer, streams: [layer('a', 0), layer('b', 0)] }], 'peers[0].streams[1].layer'],
  ['layers of audio', [{ ...peer, streams: [{ ...layer('a', 0), media: 'audio' }] }], 'peers[0].streams[0].group'],
  [
    'a stream called like a group that it is not of',
    [{ ...peer, streams: [layer('a', 0), { ...voice, name: 'camera' }] }],
    'peers[0].streams[1].name',
  ],
  [
    'more than 8 streams',
    [{ ...peer, streams: Array.from({ length: 9 }, (_, index) => ({ ...voice, name: `s${index}` })) }],
    'peers[0].streams',
  ],
  ['least above most', [{ ...peer, streams: [{ ...voice, maxBps: 1 }] }], 'peers[0].streams[0].maxBps'],
  ['neither audio nor video', [{ ...peer, streams: [{ ...voice, media: 'text' }] }], 'peers[0].streams[0].media'],
  ['an unknown key of a stream', [{ ...peer, streams: [{ ...voice, codec: 'opus' }] }], 'peers[0].streams[0]'],
  ['an unknown key of a peer', [{ ...peer, stream: [] }], 'peers[0]'],
];

for (const [name, peers, field] of refusedStreams) {
  test(`streams: ${name}`, (t) => {
    const file = JSON.stringify({ headroom: 1, peers });
    const error = t.throws(() => parseRoomFile(file), { instanceOf: RoomFileError, code: 'room-file.invalid' });
    t.is(error?.field, field);
    t.false(error?.message.includes('\n'));
  });
}

test('a room of sources: each is one video, and wishes outlive those who have gone', (t) => {
  const room = { headroom: 0.95, peers: [{ ...peer, wants: ['gone'], source: { minBps: 1, maxBps: 2 } }] };
  const { input, saysStreams } = parseRoomFile(JSON.stringify(room));
  t.false(saysStreams);
  const streams = [{ name: 'source', media: 'video' as const, minBps: 1, maxBps: 2 }];
  t.deepEqual(input, { headroom: 0.95, peers: [{ ...peer, wants: [{ source: 'gone' }], streams }] });
});

test('a room of streams: wants are of a peer, of a stream or of a group', (t) => {
  const wants = ['A', 'A/voice', 'A/camera'];
  const streams = [voice, layer('small', 0), layer('large', 1)];
  const room = {
    headroom: 1,
    peers: [
      { ...peer, streams },
      { id: 'B', uploadBps: 1, wants },
    ],
  };
  const { input, saysStreams } = parseRoomFile(JSON.stringify(room));
  t.true(saysStreams);
  t.is(JSON.stringify(input.peers[0]?.streams), JSON.stringify(streams));
  t.deepEqual(input.peers[1]?.wants, [
    { source: 'A' },
    { source: 'A', stream: 'voice' },
    { source: 'A', stream: 'camera' },
  ]);
});
