/** Calls of those that sign, as they ship: all that is played has been told of by its source. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { startNatsServer } from '../../infra/nats/server.ts';
import { joinSigned } from '../integration/calls.ts';
import { until } from '../path/rig.ts';

test('what two play of each other is genuine to the last packet, and nobody is named', async (t) => {
  await using server = await startNatsServer();
  const folder = mkdtempSync(join(tmpdir(), 'signed-calls-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [a, b] = await Promise.all(
    ['A', 'B'].map((id) =>
      joinSigned(t, server.url, join(folder, id), '--id', id, '--source', 'test,codec=opus/48000/2,bitrate=32k'),
    ),
  );
  for (const each of [a, b]) {
    const counts = () => each?.call.participant.transport.digests.counts;
    await until(() => (counts()?.genuine ?? 0) > 100);
    t.like(counts(), { forged: 0, unsigned: 0 });
    t.deepEqual(each?.call.status().trust, { isOpen: true, unsigned: [], refused: [], forgeries: [] });
    t.false(each?.log.all.some(({ event }) => event === 'media.forged'));
  }
});
