import { EventEmitter } from 'node:events';
import test from 'ava';
import { Screen } from '../../actors/status/screen.ts';

function open() {
  const written: string[] = [];
  const output = { idle: true, write: (text: string) => written.push(text) > 0, settle: () => Promise.resolve() };
  const sized = Object.assign(new EventEmitter(), { columns: 20, rows: 6 });
  return { screen: new Screen(output, sized), output, sized, written };
}

test('pictures are shown in place on the second page, and the last one is left on the first', (t) => {
  const { screen, written } = open();
  const listeners = process.listenerCount('exit');
  screen.show(({ width, height }) => `${width} by ${height}\nsecond`);
  t.is(written[0], '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J20 by 6\x1b[K\r\nsecond\x1b[K\x1b[J\x1b[?7h');
  t.is(process.listenerCount('exit'), listeners + 1);
  screen.show(() => 'next');
  t.is(written[1], '\x1b[?7l\x1b[Hnext\x1b[K\x1b[J\x1b[?7h');
  screen.close(() => 'a\nb');
  t.deepEqual(written.slice(2), ['\x1b[?7h\x1b[?25h\x1b[?1049l', '\x1b[?7la\r\nb\r\n\x1b[?7h']);
  t.is(process.listenerCount('exit'), listeners);
});

test('a terminal that has not taken the last picture gets no other, and none is made', (t) => {
  const { screen, output, written } = open();
  output.idle = false;
  screen.show(() => {
    t.fail('nobody sees it');
    return '';
  });
  t.deepEqual(written, []);
});

test('after a change of size nothing of the old picture is left, and a terminal without a size has the usual one', (t) => {
  const { screen, sized, written } = open();
  screen.show(() => 'x');
  let resized = 0;
  const stop = screen.onResize(() => resized++);
  Object.assign(sized, { columns: 0, rows: undefined });
  sized.emit('resize');
  t.is(resized, 1);
  screen.show(({ width, height }) => `${width} by ${height}`);
  t.true(written[1]?.includes('\x1b[H\x1b[2J80 by 24'));
  stop();
  sized.emit('resize');
  t.is(resized, 1);
  screen.close(() => '');
});
