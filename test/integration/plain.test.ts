/** A plain endpoint among peers, over a real server and real sockets: it hears those who allow it, and all are told. */
import test from 'ava';
import { startNatsServer } from '../../infra/nats/server.ts';
import { joinCall, sees } from './calls.ts';

/** Over a second of a test stream. */
const PACKETS = 120;

test('who refuses plain endpoints is not heard by one, the others are, and both sides read why', async (t) => {
  const server = await startNatsServer();
  t.teardown(() => server.stop());
  const a = await joinCall(t, server.url, '--id', 'A', '--plain', 'refuse');
  const b = await joinCall(t, server.url, '--id', 'B');
  const d = await joinCall(t, server.url, '--id', 'D', '--no-rpr', '--source', 'none');
  const view = await d.views.first((one) => sees('A')(one) && sees('B')(one));
  const ssrcOf = (id: string) => view.members.get(id)?.streams[0]?.ssrc ?? 0;
  await d.played.first((ssrc) => ssrc === ssrcOf('B'));
  t.like(await a.log.first(({ event, other }) => event === 'plain.refused' && other === 'D'), { policy: 'refuse' });
  t.like(await b.log.first(({ event, other }) => event === 'plain.listens' && other === 'D'), { to: ['B'] });
  t.like(await d.log.first(({ event, by }) => event === 'plain.unserved' && `${by}` === 'A'), { by: ['A'] });
  t.deepEqual(b.call.status().plain, [{ id: 'D', hears: ['B'], refusedBy: ['A'] }]);
  // So many of B's have come that A's would have, too.
  const [heard, unheard] = [ssrcOf('B'), ssrcOf('A')];
  await d.played.first(() => d.played.all.filter((ssrc) => ssrc === heard).length > PACKETS);
  t.false(d.played.all.includes(unheard));
});
