import test from 'ava';
import { readJoin } from '../../actors/page/app/state/join-fields.ts';

const FIELDS = { name: ' Ada ', room: 'garden', invite: '', upload: '' };
const NONE = { camera: false, voice: false };

test('a name and a room are enough, with or without devices', (t) => {
  t.deepEqual(readJoin(FIELDS, NONE), { name: 'Ada', room: 'garden', camera: false, voice: false });
  t.deepEqual(readJoin({ ...FIELDS, invite: ' x ', upload: '1,5' }, { camera: true, voice: true }), {
    ...{ name: 'Ada', room: 'garden', camera: true, voice: true },
    ...{ invite: 'x', upload: 1_500_000 },
  });
});

test('what is missing or wrong is said beside its field', (t) => {
  t.like(readJoin({ ...FIELDS, name: '  ' }, NONE), { field: 'name' });
  for (const room of ['', 'a b', 'ä', 'x'.repeat(33), 'a.b', '*'])
    t.like(readJoin({ ...FIELDS, room }, NONE), { field: 'room' }, room);
  for (const upload of ['0', '-1', 'fast', 'Infinity'])
    t.like(readJoin({ ...FIELDS, upload }, NONE), { field: 'upload' }, upload);
});
