import test from 'ava';
import type { Snapshot, StreamWindow } from '../judging/delivery.ts';
import { reception, snapshot, stream } from '../judging/made-up.ts';
import { Measurement, type Respondents } from './measurement.ts';

/** A room whose source sends `perLook` packets from one question to the next, and whose receiver gets all of them. */
class PerfectRoom implements Respondents {
  readonly windows: StreamWindow[] = [];
  readonly #perLook: number;
  #sent = 0;

  constructor(perLook: number) {
    this.#perLook = perLook;
  }

  async ask({ windows = [] }: { windows?: readonly StreamWindow[] } = {}): Promise<Snapshot> {
    this.windows.push(...windows.filter(({ source }) => source === 'A'));
    this.#sent += this.#perLook;
    const receptions = windows.map(({ source, from, to }) =>
      reception(source, { window: { received: to - from, duplicates: 0, via: { [source]: to - from } } }),
    );
    return snapshot({ A: { streams: [stream(this.#sent)] }, B: { streams: [stream(0)], receptions } });
  }
}

test('a stretch of many packets is counted in windows that follow each other', async (t) => {
  const room = new PerfectRoom(10_000);
  const measurement = await Measurement.start(room);
  await measurement.run(1_600, AbortSignal.timeout(60_000));
  const [delivery] = await measurement.finish();
  const sizes = room.windows.map(({ from, to }) => to - from);
  t.true(room.windows.length > 1);
  t.true(sizes.every((size) => size <= 30_000));
  t.true(room.windows.every(({ from }, index) => index === 0 || from === room.windows[index - 1]?.to));
  t.is(
    delivery?.expected,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  t.is(delivery?.lost, 0);
});

test('a measurement ends with its signal', async (t) => {
  const measurement = await Measurement.start(new PerfectRoom(1));
  await t.throwsAsync(measurement.run(60_000, AbortSignal.abort()));
});
