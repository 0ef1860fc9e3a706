import test from 'ava';
import { showTable } from '../../actors/status/live-table.ts';
import type { TerminalSize } from '../../actors/status/screen.ts';
import type { CallStatus } from '../../actors/status/snapshot.ts';
import { VirtualClock } from './virtual-clock.ts';

const call = (room: string, lines: readonly string[] = []): CallStatus => ({
  ...{ id: 'A', name: '', room, state: 'joined', busConnected: true, packetPath: 'dgram' },
  ...{ uploadBps: 1e7, usableBps: 1e7, sendBps: 0, lendBps: 0, promisedBps: 0, streams: [], members: [] },
  ...{
    measured: null,
    downlink: null,
    drops: {},
    lines,
    plain: [],
    trust: { isOpen: true, unsigned: [], refused: [], forgeries: [] },
  },
});

/** A screen of that size, which keeps what was drawn on it. */
class FakeScreen {
  size: TerminalSize = { width: 80, height: 24 };
  readonly drawn: string[] = [];
  readonly #listeners = new Set<() => void>();

  show(render: (size: TerminalSize) => string): void {
    this.drawn.push(render(this.size));
  }

  close(render: (size: TerminalSize) => string): void {
    this.drawn.push(`closed: ${render(this.size)}`);
  }

  onResize(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  resize(width: number): void {
    this.size = { ...this.size, width };
    for (const listener of this.#listeners) listener();
  }
}

test('draws at once, every second, when the size changes, and a last time at the end', (t) => {
  const screen = new FakeScreen();
  const clock = new VirtualClock();
  let status = call('first');
  const table = showTable(screen, () => status, clock);
  t.regex(screen.drawn.at(-1) ?? '', /^A in first · joined/);
  status = call('second');
  clock.advance(1000);
  t.regex(screen.drawn.at(-1) ?? '', /^A in second · joined/);
  status = call('a-room-with-too-long-a-name');
  screen.resize(30);
  t.regex(screen.drawn.at(-1) ?? '', /^A in a-room-with-too-long-a-n…/);
  status = call('last');
  table.close();
  table.close();
  const { length } = screen.drawn;
  t.regex(screen.drawn.at(-1) ?? '', /^closed: A in last/);
  screen.resize(80);
  clock.advance(5000);
  t.is(screen.drawn.length, length);
});

test('an event is shown soon, a storm of them costs one drawing, and there is none after the end', (t) => {
  const clock = new VirtualClock();
  let drawn = 0;
  const status = () => {
    drawn++;
    return call('main');
  };
  const table = showTable(new FakeScreen(), status, clock);
  for (let count = 0; count < 1000; count++) table.changed();
  t.is(drawn, 1);
  clock.advance(100);
  t.is(drawn, 2);
  table.changed();
  table.close();
  t.is(drawn, 3);
  table.changed();
  clock.advance(5000);
  t.is(drawn, 3);
});
