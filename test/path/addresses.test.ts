import test from 'ava';
import { NativeMemory } from '../../infra/path/batched/libc.ts';
import { ADDRESS_WORDS, NativeAddresses, readAddress, writeAddress } from '../../infra/path/batched/socket-address.ts';
import {
  AddressBook,
  answerableEndpoint,
  endpointText,
  normalizeEndpoint,
  UNKNOWN_ADDRESS,
} from '../../infra/path/table/addresses.ts';

test('one address has one id, however it is written', (t) => {
  const book = new AddressBook();
  const four = book.add({ host: '192.0.2.1', port: 5000 });
  const six = book.add({ host: '2001:DB8:0::1', port: 5000 });
  t.is(book.add({ host: '::ffff:192.0.2.1', port: 5000 }), four);
  t.is(book.add({ host: '2001:db8::1', port: 5000 }), six);
  t.is(book.find('::ffff:192.0.2.1', 5000), four);
  t.is(book.find('192.0.2.1', 5001), UNKNOWN_ADDRESS);
  t.deepEqual(book.endpoints, [
    { host: '192.0.2.1', port: 5000 },
    { host: '2001:db8::1', port: 5000 },
  ]);
  t.is(endpointText(book.endpoint(six)), '[2001:db8::1]:5000');
});

for (const bad of ['localhost', '', '1.2.3', '0x7f.0.0.1', 'fe80::1%eth0', '1.2.3.4:5', '[::1]']) {
  test(`"${bad}" is no address`, (t) => {
    t.throws(() => normalizeEndpoint({ host: bad, port: 1 }), { name: 'PathError', code: 'address.invalid' });
  });
}

for (const port of [0, -1, 65536, 1.5, Number.NaN]) {
  test(`${port} is no port to send to`, (t) => {
    t.throws(() => normalizeEndpoint({ host: '::1', port }), { code: 'address.invalid' });
  });
}

test('who sends from port 0 or from an address of one link cannot be answered', (t) => {
  t.is(answerableEndpoint({ host: '192.0.2.1', port: 0 }), null);
  t.is(answerableEndpoint({ host: 'fe80::1%eth0', port: 5000 }), null);
  t.is(answerableEndpoint({ host: 'fe80::1', port: 5000 }), null);
  t.deepEqual(answerableEndpoint({ host: '169.254.1.2', port: 5000 }), { host: '169.254.1.2', port: 5000 });
  t.deepEqual(answerableEndpoint({ host: '::ffff:192.0.2.1', port: 5000 }), { host: '192.0.2.1', port: 5000 });
});

for (const ipv6 of [false, true]) {
  const family = ipv6 ? 'IPv6' : 'IPv4';
  test(`on an ${family} socket each of many addresses is found among the others, and no other`, (t) => {
    const hosts = ipv6 ? ['2001:db8::', '::ffff:10.0.0.'] : ['10.0.0.', '10.0.1.'];
    const endpoints = hosts.flatMap((host) =>
      Array.from({ length: 200 }, (_, index) =>
        normalizeEndpoint({ host: `${host}${index}`, port: 40_000 + (index % 3) }),
      ),
    );
    const addresses = new NativeAddresses(endpoints, ipv6);
    const memory = new NativeMemory(4 * ADDRESS_WORDS);
    const words = new Int32Array(memory.buffer);
    for (const [id, endpoint] of endpoints.entries()) {
      writeAddress(memory.buffer, 0, endpoint, ipv6);
      t.is(addresses.find(words, 0), id);
      t.deepEqual(readAddress(memory.buffer, 0), endpoint);
      writeAddress(memory.buffer, 0, { ...endpoint, port: 50_000 }, ipv6);
      t.is(addresses.find(words, 0), UNKNOWN_ADDRESS);
    }
  });
}
