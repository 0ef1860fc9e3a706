/** A peer that measures its uplink, over a real server and real UDP: the room hears what it finds. */
import test from 'ava';
import { startNatsServer } from '../../infra/nats/server.ts';
import { selfOf, type View } from '../../machines/view.ts';
import { joinCall, sees } from './calls.ts';

/** What an uplink is taken to carry until it is measured, in bit/s. */
const UNMEASURED_BPS = 500_000;

const uploadOf = (view: View, id: string) => view.members.get(id)?.uploadBps ?? 0;

test('with --upload auto the others hear of more than a slow uplink, and all that is lent is lent of that', async (t) => {
  await using server = await startNatsServer();
  const stream = ['--source', 'test,bitrate=200k-4mbit'];
  const b = await joinCall(t, server.url, '--id', 'B', ...stream, '--upload', '20mbit');
  const a = await joinCall(t, server.url, '--id', 'A', ...stream, '--upload', 'auto');
  await b.views.first(sees('A'));
  const view = await b.views.first((view) => uploadOf(view, 'A') > UNMEASURED_BPS);
  const { usableBps = 0, lendBps = 0, uploadBps = 0 } = view.members.get('A') ?? {};
  t.is(usableBps, uploadBps);
  t.is(lendBps, uploadBps);
  const own = await a.views.first((view) => selfOf(view).uploadBps > UNMEASURED_BPS);
  t.true(uploadOf(own, 'B') === 20_000_000);
});
