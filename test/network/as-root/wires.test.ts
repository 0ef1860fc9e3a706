/** Wires of the lab: their delay is measured, and what they lose is counted. */
import { Lab } from '../lab.ts';
import { at } from './nat-behaviour.ts';
import { netTest } from './net-test.ts';

const ROUND_TRIPS = 20;
/** What a busy machine may add to the shortest of them, in ms. */
const SLACK_MS = 15;
const BATCHES = 40;
/** A socket that is not read holds some 90 datagrams: what more comes is lost there. */
const BATCH = 25;

netTest('a packet takes as long as the lab was asked for, and as long as a site’s wire is made to take', async (t) => {
  await using lab = await Lab.start({ delayMs: 20 });
  const [a, b] = [await lab.host(), await lab.host()];
  await using pa = await a.probe();
  await using pb = await b.probe();
  const shortestMs = async () => {
    const trips: number[] = [];
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      const since = performance.now();
      await pa.send('there', at(b, pb));
      await pb.send('back', (await pb.next()).from);
      trips.push((await pa.next()).atMs - since);
    }
    return Math.min(...trips);
  };
  const roundTripMs = await shortestMs();
  t.true(roundTripMs >= 40 && roundTripMs < 40 + SLACK_MS, `${roundTripMs} ms`);
  await a.wire.change({ delayMs: 90, loss: 0 });
  const longerMs = await shortestMs();
  t.true(longerMs >= 200 && longerMs < 200 + SLACK_MS, `${longerMs} ms`);
});

netTest('a lossy wire loses its share of datagrams, and the same ones each time', async (t) => {
  const lost = async () => {
    await using lab = await Lab.start({ delayMs: 0 });
    const [a, b] = [await lab.host(), await lab.host()];
    await using pa = await a.probe();
    await using pb = await b.probe();
    const missing: string[] = [];
    for (let batch = 0; batch < BATCHES; batch++) {
      const sent = Array.from({ length: BATCH }, (_, number) => `${batch} ${number}`);
      await a.wire.change({ delayMs: 0, loss: 0.05 });
      for (const text of sent) await pa.send(text, at(b, pb));
      await a.wire.change({ delayMs: 0, loss: 0 });
      await pa.send('last', at(b, pb));
      const come = new Set((await pb.until('last')).map(({ text }) => text));
      missing.push(...sent.filter((text) => !come.has(text)));
    }
    return missing;
  };
  const first = await lost();
  // Five of a hundred, give or take three standard deviations.
  t.true(first.length > 29 && first.length < 71, `${first.length}`);
  t.deepEqual(await lost(), first);
});
