/** Who listens in the clear is told once, on every screen that can know it, and so is who may not. */
import test from 'ava';
import { PlainWatch } from '../../actors/call/plain-news.ts';
import { Journal } from '../../actors/journal/journal.ts';
import type { Member } from '../../machines/view.ts';
import { member, viewOf } from '../machines/members.ts';

const phone = (host = '192.168.1.9') => member('D', { compatible: false, streams: [], media: { host, port: 5004 } });
const peer = (id: string, plain: Member['plain']) => member(id, { plain });

/** What one who joins them is told, in words. */
function watch() {
  const watch = new PlainWatch();
  const journal = new Journal({ peer: 'A', lines: null, now: () => 0 });
  return (...members: readonly [Member, ...Member[]]) => {
    const before = journal.recent.length;
    for (const news of watch.observe(viewOf(...members))) journal.note(news);
    return journal.recent.slice(before);
  };
}

test('one that comes listens to those who allow it, and is told again only where that changes', (t) => {
  const tell = watch();
  const [a, b] = [peer('A', 'allow'), peer('B', 'refuse')];
  t.deepEqual(tell(a, b), []);
  const [line = '', ...others] = tell(a, b, phone());
  t.regex(line, /D listens in the clear to A: whoever is on the way can hear it too/);
  t.deepEqual(others, []);
  t.deepEqual(tell(a, b, phone()), []);
  t.regex(tell(a, { ...b, plain: 'local' }, phone())[0] ?? '', /to A, B/);
  t.deepEqual(tell(a), []);
});

test('whoever refuses it reads so, and why', (t) => {
  const refusing = watch()(peer('A', 'refuse'), phone());
  t.is(refusing.length, 1);
  t.regex(refusing[0] ?? '', /D is a plain endpoint and hears nothing of us, as --plain refuse says/);
  t.regex(watch()(peer('A', 'local'), phone('203.0.113.9'))[0] ?? '', /outside of private networks.*--plain allow/);
});

test('a plain endpoint itself reads who does not let it hear them, and that they do again', (t) => {
  const tell = watch();
  t.regex(
    tell(phone(), peer('A', 'refuse'), peer('B', 'local'))[0] ?? '',
    /A let no plain endpoint at this address hear them/,
  );
  t.regex(tell(phone(), peer('A', 'allow'), peer('B', 'local'))[0] ?? '', /everybody lets plain endpoints/);
});
