import test from 'ava';
import type { Endpoint } from '../../infra/path/contract.ts';
import { bindError, type PathErrorCode } from '../../infra/path/errors.ts';
import { openPath } from '../../infra/path/open.ts';
import { LOOPBACK, PlainPeer } from './rig.ts';

const open = (listen: Endpoint) =>
  openPath({ listen, deliver: () => undefined, onRtcp: () => undefined, now: () => performance.now() });

test('a port in use is an error that names it', async (t) => {
  await using other = await PlainPeer.open();
  const error = await t.throwsAsync(open(other.address), { name: 'PathError', code: 'port.in-use' });
  t.regex(error?.message ?? '', new RegExp(`port ${other.address.port} .*another port`));
});

test('an address of another machine is an error that names it', async (t) => {
  const error = await t.throwsAsync(open({ host: '192.0.2.1', port: 0 }), { code: 'address.unavailable' });
  t.regex(error?.message ?? '', /192\.0\.2\.1/);
});

test('a name is no address', async (t) => {
  await t.throwsAsync(open({ host: 'localhost', port: 0 }), { code: 'address.invalid', message: /"localhost"/ });
});

test('each system error has its code', (t) => {
  const expected: [string, PathErrorCode][] = [
    ['EADDRINUSE', 'port.in-use'],
    ['EACCES', 'port.forbidden'],
    ['EADDRNOTAVAIL', 'address.unavailable'],
    ['EAFNOSUPPORT', 'address.unavailable'],
    ['EMFILE', 'socket.failed'],
  ];
  for (const [system, code] of expected) t.is(bindError(system, { host: LOOPBACK, port: 80 }).code, code, system);
});
