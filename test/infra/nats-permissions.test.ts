import { readFile } from 'node:fs/promises';
import test from 'ava';
import { connect, type Msg, type NatsConnection } from 'nats';
import { connectNats } from '../../infra/nats/connection.ts';
import { permissionsConfig } from '../../infra/nats/permissions.ts';
import { type NatsServer, startNatsServer } from '../../infra/nats/server.ts';

const USERS = ['A', 'B', 'C'].map((id) => ({ id, password: `secret of ${id}` }));
const startServer = () => startNatsServer({ config: permissionsConfig(USERS) });
const urlFor = (server: NatsServer, id: string) => server.url.replace('//', `//${id}:secret%20of%20${id}@`);
const busOf = (server: NatsServer, id: string) => connectNats({ url: urlFor(server, id), id });

/** A bare client, as someone with bad intentions would use it. */
const intruder = (server: NatsServer) =>
  connect({ servers: server.url, user: 'B', pass: 'secret of B', inboxPrefix: '_INBOX.B' });

/** Resolves with the message of the next permission error on this connection. */
async function nextRefusal(connection: NatsConnection): Promise<string> {
  for await (const status of connection.status()) {
    if (status.type === 'error') return status.error.message;
  }
  return 'closed';
}

test('each user speaks and hears within its own subjects', async (t) => {
  await using server = await startServer();
  await using a = await busOf(server, 'A');
  await using b = await busOf(server, 'B');
  const heard: string[] = [];
  const both = new Promise<void>((resolve) => {
    const take = (subject: string) => heard.push(subject) === 2 && resolve();
    b.subscribe('rpr.v2.room.*.B.>', take);
    b.subscribe('rpr.v2.room.*.all.>', take);
  });
  await b.flush();
  a.publish('rpr.v2.room.A.all.presence', new Uint8Array());
  a.publish('rpr.v2.room.A.B.relay.offer', new Uint8Array());
  await both;
  t.deepEqual(heard, ['rpr.v2.room.A.all.presence', 'rpr.v2.room.A.B.relay.offer']);
});

test('a claim of an id is answered by its holder, and unheard when nobody holds it', async (t) => {
  await using server = await startServer();
  await using second = await busOf(server, 'A');
  const claim = () => second.request('rpr.v2.room.A.A.claim', new Uint8Array(), 2_000);
  t.is((await claim()).outcome, 'noResponders');
  await using first = await busOf(server, 'A');
  first.subscribe('rpr.v2.room.A.A.claim', (_, bytes, reply) => reply !== undefined && first.publish(reply, bytes));
  await first.flush();
  t.is((await claim()).outcome, 'reply');
});

test('B cannot publish as A', async (t) => {
  await using server = await startServer();
  await using c = await busOf(server, 'C');
  const heard: string[] = [];
  c.subscribe('rpr.v2.room.*.all.>', (subject) => heard.push(subject));
  await c.flush();
  const b = await intruder(server);
  const refusal = nextRefusal(b);
  b.publish('rpr.v2.room.A.all.presence', 'forged');
  t.regex(await refusal, /Permissions Violation for Publish to "rpr\.v2\.room\.A\.all\.presence"/);
  b.publish('rpr.v2.room.B.all.presence', 'own');
  await b.flush();
  await c.flush();
  t.deepEqual(heard, ['rpr.v2.room.B.all.presence']);
  await b.close();
});

test('B cannot speak as A by answering a message whose reply subject is one of A', async (t) => {
  await using server = await startServer();
  await using c = await busOf(server, 'C');
  const heard: string[] = [];
  c.subscribe('rpr.v2.room.*.C.>', (subject) => heard.push(subject));
  await c.flush();
  const b = await intruder(server);
  const refusal = nextRefusal(b);
  b.subscribe('rpr.v2.room.B.B.note', { callback: (_, msg: Msg) => void msg.respond('forged') });
  b.publish('rpr.v2.room.B.B.note', 'bait', { reply: 'rpr.v2.room.A.C.bye' });
  t.regex(await refusal, /Permissions Violation for Publish to "rpr\.v2\.room\.A\.C\.bye"/);
  await c.flush();
  t.deepEqual(heard, []);
  await b.close();
});

test('B can read neither what is sent to A nor the answers A gets', async (t) => {
  await using server = await startServer();
  for (const subject of ['rpr.v2.room.*.A.>', 'rpr.v2.>', '>', '_INBOX.A.>', '_INBOX.>', 'rpr.v2.room.*.*.presence']) {
    const b = await intruder(server);
    const refusal = nextRefusal(b);
    b.subscribe(subject, { callback: (error) => void (error === null && t.fail(subject)) });
    t.regex(await refusal, /Permissions Violation for Subscription/, subject);
    await b.close();
  }
});

test('a peer learns which of its subjects was refused', async (t) => {
  await using server = await startServer();
  await using b = await busOf(server, 'B');
  const refused = new Promise((resolve) => b.onStatus(resolve));
  b.publish('rpr.v2.room.A.all.presence', new Uint8Array());
  t.deepEqual(await refused, { state: 'forbidden', operation: 'publish', subject: 'rpr.v2.room.A.all.presence' });
  t.true(b.connected);
});

test('the example configuration is what the function writes', async (t) => {
  const example = await readFile(new URL('../../infra/nats/permissions.conf', import.meta.url), 'utf8');
  const written = permissionsConfig(['A', 'B', 'C'].map((id) => ({ id, password: `$${id}_PASSWORD` })));
  t.true(example.endsWith(written));
});

test('an id or a password that could change the configuration is refused', (t) => {
  for (const id of ['', '*', '>', 'a.b', 'a"', 'x'.repeat(33)]) {
    t.throws(() => permissionsConfig([{ id, password: 'x' }]), { instanceOf: RangeError });
  }
  for (const password of ['', 'a"b', 'a\\', 'a\nb']) {
    t.throws(() => permissionsConfig([{ id: 'A', password }]), { instanceOf: RangeError });
  }
});
