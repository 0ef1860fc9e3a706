/** Which of this machine's addresses are told to others, in which order. */
import { networkInterfaces } from 'node:os';
import test from 'ava';
import { interfaceAddresses, interfaceMark, MAX_INTERFACE_ADDRESSES } from '../../infra/network/interfaces.ts';
import { addressFlags, type Ipv6Flags } from '../../infra/network/ipv6-flags.ts';
import { ownAddressTowards } from '../../infra/network/own-address.ts';
import { isLinkLocal, isLoopback, isUnicast, scopeOf } from '../../infra/network/scope.ts';

const stable = (): Ipv6Flags => 'stable';
const on = (...hosts: readonly string[]) => ({ eth0: hosts.map((address) => ({ address })) });
const hostsOf = (hosts: readonly string[], flagsOf: (host: string) => Ipv6Flags = stable) =>
  interfaceAddresses(on(...hosts), flagsOf).map(({ host }) => host);

test('public addresses go first, then private ones, each in its canonical form and with its scope', (t) => {
  t.deepEqual(interfaceAddresses(on('192.168.1.2', '2001:DB8:0:0:0:0:0:1', '20.0.0.1'), stable), [
    { host: '2001:db8::1', scope: 'public' },
    { host: '20.0.0.1', scope: 'public' },
    { host: '192.168.1.2', scope: 'private' },
  ]);
});

test('what nobody else could use is not told', (t) => {
  t.deepEqual(hostsOf(['127.0.0.1', '::1', 'fe80::1', 'fe80::1%eth0', '0.0.0.0', '10.0.0.2']), ['10.0.0.2']);
  t.deepEqual(hostsOf(['127.0.0.1', '::1']), ['127.0.0.1', '::1'], 'unless there is nothing else');
});

test('an address of two interfaces is one', (t) => {
  const both = { eth0: [{ address: '10.0.0.2' }], wlan0: [{ address: '10.0.0.2' }], gone: undefined };
  t.deepEqual(interfaceAddresses(both, stable), [{ host: '10.0.0.2', scope: 'private' }]);
});

test('an address that the system is not sure of is left out, a temporary one goes behind those that stay', (t) => {
  const flags: Readonly<Record<string, Ipv6Flags>> = { '2001:db8::2': 'temporary', '2001:db8::3': 'unready' };
  const hosts = ['2001:db8::2', '2001:db8::3', '2001:db8::4', '10.0.0.2', '169.254.1.1'];
  t.deepEqual(
    hostsOf(hosts, (host) => flags[host] ?? 'stable'),
    ['2001:db8::4', '10.0.0.2', '2001:db8::2', '169.254.1.1'],
  );
});

test('a machine with dozens of addresses tells eight', (t) => {
  const many = Array.from({ length: 40 }, (_, index) => `172.17.${index}.1`);
  t.is(hostsOf([...many, '20.0.0.1']).length, MAX_INTERFACE_ADDRESSES);
  t.is(hostsOf([...many, '20.0.0.1'])[0], '20.0.0.1');
});

test('what Linux tells of IPv6 addresses is read, and nonsense passed over', (t) => {
  const line = (address: string, flags: string) => `${address} 02 40 00 ${flags}     eth0`;
  const table = [
    line('20010db8000000000000000000000001', '80'),
    line('20010db8000000000000000000000002', '01'),
    line('20010db8000000000000000000000003', '40'),
    line('20010db8000000000000000000000004', 'a0'),
    'nonsense',
    '',
  ].join('\n');
  t.deepEqual(
    [...addressFlags(table)],
    [
      ['2001:db8::1', 'stable'],
      ['2001:db8::2', 'temporary'],
      ['2001:db8::3', 'unready'],
      ['2001:db8::4', 'temporary'],
    ],
  );
});

test('the mark changes with an address and with what IPv6 addresses are for, and with nothing else', (t) => {
  const mark = interfaceMark(on('10.0.0.2'), 'flags');
  t.is(interfaceMark(on('10.0.0.2'), 'flags'), mark);
  t.not(interfaceMark(on('10.0.0.3'), 'flags'), mark);
  t.not(interfaceMark(on('10.0.0.2'), 'others'), mark);
});

test('this machine has addresses, and its own on the way to itself', async (t) => {
  t.true(interfaceAddresses().length > 0);
  t.true(interfaceMark().includes(Object.values(networkInterfaces())[0]?.[0]?.address ?? 'none'));
  t.is(await ownAddressTowards('127.0.0.1'), '127.0.0.1');
});

test('an address is private where a network has agreed on it', (t) => {
  for (const host of ['10.0.0.1', '172.31.0.1', '100.64.0.1', '169.254.0.1', 'fd00::1', 'fe80::1', '127.0.0.1']) {
    t.is(scopeOf(host), 'private', host);
  }
  for (const host of ['20.0.0.1', '172.32.0.1', '100.128.0.1', '2001:db8::1']) t.is(scopeOf(host), 'public', host);
  t.true(isLoopback('127.9.9.9') && isLoopback('::1') && !isLoopback('10.0.0.1'));
  t.true(isLinkLocal('fe80::1') && isLinkLocal('169.254.0.1') && !isLinkLocal('10.0.0.1'));
  for (const host of ['0.0.0.0', '::', '224.0.0.1', 'ff02::1', '255.255.255.255']) t.false(isUnicast(host), host);
  t.true(isUnicast('20.0.0.1'));
});
