/** Which address a peer tells others. */
import test from 'ava';
import { mediaAddresses } from '../../actors/call/media-addresses.ts';

const LOCAL = 'nats://127.0.0.1:4222';

test('with the server on this machine media stays on this machine', async (t) => {
  t.deepEqual(await mediaAddresses({ listen: null, advertise: null }, LOCAL), {
    listen: { host: '127.0.0.1', port: 0 },
    advertise: '127.0.0.1',
  });
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
