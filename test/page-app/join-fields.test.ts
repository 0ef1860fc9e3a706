import test from 'ava';
import { readJoin } from '../../actors/page/app/state/join-fields.ts';

const FIELDS = { name: ' Ada ', room: 'garden', invite: '', upload: '' };

test('a name and a room are enough, and the rest may be left out', (t) => {
  t.deepEqual(readJoin(FIELDS), { name: 'Ada', room: 'garden' });
  t.deepEqual(readJoin({ ...FIELDS, invite: ' x ', upload: '1,5' }), {
    ...{ name: 'Ada', room: 'garden' },
    ...{ invite: 'x', upload: 1_500_000 },
  });
});

test('what is missing or wrong is said beside its field', (t) => {
  t.like(readJoin({ ...FIELDS, name: '  ' }), { field: 'name' });
  for (const room of ['', 'a b', 'ä', 'x'.repeat(33), 'a.b', '*'])
    t.like(readJoin({ ...FIELDS, room }), { field: 'room' }, room);
  for (const upload of ['0', '-1', 'fast', 'Infinity'])
    t.like(readJoin({ ...FIELDS, upload }), { field: 'upload' }, upload);
});
