/** Which address a peer tells others. */
import test from 'ava';
import { mediaAddresses, toldMedia } from '../../actors/call/media-addresses.ts';
import { isUnspecified } from '../../infra/network/scope.ts';
import { mediaSchema } from '../../machines/messages.ts';

const LOCAL = 'nats://127.0.0.1:4222';

test('a peer listens on all interfaces, and tells plain endpoints the address by which the server is reached', async (t) => {
  const { listen, advertise } = await mediaAddresses({ listen: null, advertise: null }, LOCAL);
  t.true(isUnspecified(listen.host));
  t.is(listen.port, 0);
  t.is(advertise, '127.0.0.1');
});

test('a wildcard is listened on, and never told to others', async (t) => {
  const listen = { host: '0.0.0.0', port: 5000 };
  t.deepEqual(await mediaAddresses({ listen, advertise: null }, LOCAL), { listen, advertise: '127.0.0.1' });
});

test('what is given is taken', async (t) => {
  const listen = { host: '127.0.0.2', port: 5000 };
  t.deepEqual(await mediaAddresses({ listen, advertise: null }, LOCAL), { listen, advertise: '127.0.0.2' });
  t.is((await mediaAddresses({ listen, advertise: '192.0.2.1' }, LOCAL)).advertise, '192.0.2.1');
  t.is((await mediaAddresses({ listen: null, advertise: '192.0.2.1' }, LOCAL)).advertise, '192.0.2.1');
});

test('one that hides behind a TURN server tells plain endpoints no address of its own, and one that every member takes for well formed', (t) => {
  const media = { host: '192.168.1.2', port: 5000, rtcpPort: 5000 };
  t.deepEqual([toldMedia('all', media), toldMedia('no-lan', media)], [media, media]);
  const told = toldMedia('relay', media);
  t.not(told.host, media.host);
  t.deepEqual(mediaSchema.parse(told), told);
});
