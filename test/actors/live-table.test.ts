import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { showTable } from '../../actors/status/live-table.ts';
import type { CallStatus } from '../../actors/status/snapshot.ts';
import { VirtualClock } from './virtual-clock.ts';

const call = (room: string, lines: readonly string[] = []): CallStatus => ({
  ...{ id: 'A', room, state: 'joined', busConnected: true, packetPath: 'dgram' },
  ...{ uploadBps: 1e7, usableBps: 1e7, sendBps: 0, lendBps: 0, promisedBps: 0, streams: [], members: [], lines },
});

/** A terminal of that width, and a wait for a text to appear on it. */
function terminal(columns: number) {
  const stream = Object.assign(new PassThrough(), { columns, rows: 24 });
  let shown = '';
  const shows = async (text: string) => {
    while (!shown.includes(text)) {
      const chunk: unknown = stream.read() ?? (await new Promise((resolve) => stream.once('readable', resolve)));
      if (Buffer.isBuffer(chunk)) shown += stripVTControlCharacters(chunk.toString());
    }
    return shown;
  };
  return { stream, shows };
}

test('draws at once, every second, when the size changes, and a last time at the end', async (t) => {
  const { stream, shows } = terminal(80);
  const clock = new VirtualClock();
  let status = call('first');
  const table = showTable(stream, () => status, clock);
  await shows('A in first · joined');
  status = call('second');
  clock.advance(1000);
  await shows('A in second · joined');
  stream.columns = 30;
  status = call('a-room-with-too-long-a-name');
  stream.emit('resize');
  await shows('A in a-room-with-too-long-a-n…');
  stream.columns = 80;
  status = call('last');
  table.close();
  table.close();
  await shows('A in last · joined');
  t.is(stream.listenerCount('resize'), 0);
});

test('an event is shown soon, a storm of them costs one drawing, and there is none after the end', (t) => {
  const { stream } = terminal(80);
  const clock = new VirtualClock();
  let drawn = 0;
  const status = () => {
    drawn++;
    return call('main');
  };
  const table = showTable(stream, status, clock);
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
