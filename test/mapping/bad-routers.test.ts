/** What a router, or somebody who plays one, may say without doing harm. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { LoopbackRouter, ROUTER, STRANGER } from './loopback-router.ts';
import { bytes, question } from './questions.ts';
import { descriptionOf, searchAnswer, soapAnswer, WAN_IP } from './upnp-texts.ts';

const OUTSIDE = bytes('0080', '0000', '00000025', '14000001');
const STOLEN = bytes('0080', '0000', '00000025', '42424242');

test('an answer from another address than the gateway is counted, and changes nothing', async (t) => {
  const router = await LoopbackRouter.open(t);
  router.client.ask(question('probe', 'NAT-PMP'));
  const { from } = await router.asked();
  const heard = router.heard();
  await router.answerAsStranger(STOLEN, from);
  await router.answer(OUTSIDE, from);
  await heard;
  t.deepEqual(router.answers, [{ type: 'there', method: 'NAT-PMP', epochS: 0x25, host: '20.0.0.1' }]);
  t.deepEqual(router.client.drops, { stranger: 1, malformed: 0 });
});

test('garbage from the gateway is counted, and changes nothing', async (t) => {
  const router = await LoopbackRouter.open(t);
  router.client.ask(question('probe', 'NAT-PMP'));
  const { from } = await router.asked();
  const heard = router.heard();
  const garbage = ['', '00', '0080', '0280', 'ff'.repeat(1400), '00'.repeat(24), '0080000000000025140000'];
  for (const datagram of garbage) await router.answer(bytes(datagram), from);
  await router.answer(OUTSIDE, from);
  await heard;
  t.is(router.answers.length, 1);
  t.deepEqual(router.client.drops, { stranger: 0, malformed: garbage.length });
});

test('a gateway that maps the port of another program, or by another nonce, is not believed', async (t) => {
  const router = await LoopbackRouter.open(t);
  router.client.ask(question('map', 'PCP'));
  const { datagram, from } = await router.asked();
  const heard = router.heard();
  const answer = Buffer.from(datagram);
  answer[1] = 0x81;
  answer[3] = 0;
  bytes('00000000000000000000ffff14000001').copy(answer, 44);
  const otherPort = Buffer.from(answer);
  otherPort.writeUInt16BE(7, 40);
  const otherNonce = Buffer.from(answer);
  otherNonce.fill(0xee, 24, 36);
  for (const each of [otherPort, otherNonce, answer]) await router.answer(each, from);
  await heard;
  t.like(router.answers, [{ type: 'mapped', method: 'PCP', host: '20.0.0.1', port: 5000 }]);
  t.is(router.client.drops.malformed, 2);
});

/** An HTTP server that answers as told, and counts. */
async function http(t: ExecutionContext, host: string, answer: (path: string) => { status: number; body: string }) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    const { status, body } = answer(request.url ?? '');
    response.writeHead(status, { Location: `http://${STRANGER}/` }).end(body);
  }).listen(0, host);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { paths, origin: `http://${host}:${(server.address() as AddressInfo).port}` };
}

/** What comes of a probe by UPnP. */
async function probed(t: ExecutionContext, locations: readonly string[]) {
  const router = await LoopbackRouter.open(t);
  router.client.ask(question('probe', 'UPnP'));
  const { from } = await router.asked();
  const heard = router.heard();
  for (const location of locations) await router.answer(searchAnswer(location), from);
  await heard;
  return router;
}

const outside = () => soapAnswer({ NewExternalIPAddress: '20.0.0.1' });

test('a description, or a line to call, at another host is never asked for', async (t) => {
  const elsewhere = await http(t, STRANGER, outside);
  const { origin, paths } = await http(t, ROUTER, (path) =>
    path === '/root' ? { status: 200, body: descriptionOf([[WAN_IP, `${elsewhere.origin}/ctl`]]) } : outside(),
  );
  const router = await probed(t, [`${elsewhere.origin}/root`, `${origin}/root`]);
  t.like(router.answers, [{ type: 'refused', method: 'UPnP', asked: 'look', reason: 'no-outside' }]);
  t.is(router.client.drops.malformed, 1);
  t.deepEqual(paths, ['/root']);
  t.deepEqual(elsewhere.paths, []);
});

test('a gateway that answers a search a hundred times is read once', async (t) => {
  const { origin, paths } = await http(t, ROUTER, (path) =>
    path.startsWith('/root') ? { status: 200, body: descriptionOf([[WAN_IP, '/ctl']]) } : outside(),
  );
  const router = await probed(
    t,
    Array.from({ length: 100 }, (_, index) => `${origin}/root${index}`),
  );
  t.like(router.answers, [{ type: 'there', method: 'UPnP' }]);
  t.deepEqual(paths, ['/root0', '/ctl']);
});

test('a redirection is no description, and what it leads to no line', async (t) => {
  const { origin, paths } = await http(t, ROUTER, () => ({ status: 301, body: descriptionOf([[WAN_IP, '/ctl']]) }));
  const router = await probed(t, [`${origin}/root`]);
  t.like(router.answers, [{ type: 'refused', method: 'UPnP', reason: 'no-outside' }]);
  t.deepEqual(paths, ['/root']);
});

test('entities that multiply are text, and elements without an end are none', async (t) => {
  const entities = Array.from({ length: 40 }, (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`);
  const bomb = `<!DOCTYPE root [<!ENTITY e0 "ha">${entities.join('')}]>${descriptionOf([[WAN_IP, '/&e40;']])}`;
  const openOnly = '<service><serviceType>'.repeat(2500);
  for (const body of [bomb, openOnly]) {
    const { origin, paths } = await http(t, ROUTER, (path) =>
      path === '/root' ? { status: 200, body } : { status: 404, body: '' },
    );
    const router = await probed(t, [`${origin}/root`]);
    t.like(router.answers, [{ type: 'refused', method: 'UPnP' }]);
    t.deepEqual(paths, body === bomb ? ['/root', '/&e40;'] : ['/root']);
  }
});

test('a client that is closed says nothing more', async (t) => {
  const router = await LoopbackRouter.open(t);
  router.client.ask(question('probe', 'NAT-PMP'));
  await router.asked();
  router.client.close();
  router.client.ask(question('probe', 'NAT-PMP'));
  router.client.ask(question('probe', 'UPnP'));
  t.deepEqual(router.answers, []);
});
