/** Where players are played to: free ports below those that systems hand out by themselves. */
import test from 'ava';
import { FreePorts } from '../../actors/sink/ports.ts';

test('no port above those that are searched is taken, when all of them are kept for others', async (t) => {
  const all = new Set(Array.from({ length: (32_764 - 16_384) / 4 }, (_, block) => 16_384 + 4 * block));
  const opened = new FreePorts().open(all);
  t.teardown(async () => (await opened.catch(() => undefined))?.close());
  const error = await t.throwsAsync(opened, { message: /16384 to 32764/ });
  t.like(error, { code: 'sink.ports' });
});
