/** A plain endpoint that ties a stream to one address, over a real server and real sockets: by which ways packets come to it. */
import test, { type ExecutionContext } from 'ava';
import { startNatsServer } from '../../infra/nats/server.ts';
import { joinCall, sees, type WatchedCall } from './calls.ts';

/** Over two seconds of a test stream. */
const PACKETS = 250;

/** Plays so many packets of C's camera. @returns all that brought some of them; null: C itself */
function waysWhile(t: ExecutionContext, { call }: WatchedCall, packets: number): Promise<ReadonlySet<string | null>> {
  const relays = new Set<string | null>();
  let count = 0;
  return new Promise((resolve) => {
    const deliver = () => {
      const ofC = call.status().members.find(({ id }) => id === 'C');
      for (const { ways } of ofC?.from ?? []) for (const { relay } of ways) relays.add(relay);
      count += 1;
      if (count === packets) resolve(relays);
    };
    t.teardown(call.addSink({ setStreams: () => undefined, deliver, report: () => undefined }));
  });
}

test('each stream comes to it by one way, also when another relay comes that has more to give', async (t) => {
  const server = await startNatsServer();
  t.teardown(() => server.stop());
  await joinCall(t, server.url, '--id', 'A', '--source', 'none', '--upload', '2.5mbit');
  const c = await joinCall(t, server.url, '--id', 'C', '--upload', '1.2mbit', '--bitrate', '1mbit');
  await c.views.first(sees('A'));
  const d = await joinCall(t, server.url, '--id', 'D', '--no-rpr', '--one-address', '--source', 'none');
  const view = await c.views.first(sees('D'));
  t.true(view.members.get('D')?.oneAddress);
  t.deepEqual([...(await waysWhile(t, d, PACKETS))], ['A']);

  const b = await joinCall(t, server.url, '--id', 'B', '--source', 'none', '--upload', '50mbit');
  await b.played.first(() => true);
  t.deepEqual([...(await waysWhile(t, d, PACKETS))], ['A']);
});
