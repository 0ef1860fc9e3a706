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

test('a good room is read as it is', (t) => {
  const room = { headroom: 0.95, peers: [{ ...peer, wants: ['gone'], source: { minBps: 1, maxBps: 2 } }] };
  t.deepEqual(parseRoomFile(JSON.stringify(room)), room);
});
