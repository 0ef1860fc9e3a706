/** Where a page reaches us, and who else does not. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import test from 'ava';
import { networkHost, type OwnAddress, PageSocket } from '../../infra/webrtc/page-socket.ts';
import { BarePage } from './bare-page.ts';

const LOOPBACK: OwnAddress = { address: '127.0.0.1', family: 'IPv4', internal: true };
const SELF_GIVEN: OwnAddress = { address: '169.254.7.7', family: 'IPv4', internal: false };
const IPV6: OwnAddress = { address: '2001:db8::1', family: 'IPv6', internal: false };
const LAN: OwnAddress = { address: '192.0.2.7', family: 'IPv4', internal: false };

/** What becomes of a datagram from 127.0.0.1 on a machine that has these addresses. */
async function becomesOf(text: string, addresses: readonly OwnAddress[]): Promise<string> {
  const sender = createSocket('udp4');
  sender.bind(0, '127.0.0.1');
  await once(sender, 'listening');
  const told: { tell?: (what: string) => void } = {};
  const became = new Promise<string>((resolve) => Object.assign(told, { tell: resolve }));
  const socket = await PageSocket.open({
    ...{ takesLoopback: true, addresses },
    onDatagram: (datagram, from) => told.tell?.(`${datagram} of ${from.port === sender.address().port}`),
    onStranger: () => told.tell?.('dropped'),
    onError: () => told.tell?.('failed'),
  });
  sender.send(text, socket.endpoint.port, '127.0.0.1');
  const what = await became;
  await socket.close();
  await new Promise<void>((resolve) => sender.close(() => resolve()));
  return what;
}

test('what comes from this machine is taken, from another one not even looked at', async (t) => {
  t.is(await becomesOf('hello', [LOOPBACK]), 'hello of true');
  t.is(await becomesOf('hello', [LAN, IPV6]), 'dropped');
});

test('the address for a browser that takes no loopback is one that a network has given', (t) => {
  t.is(networkHost([LOOPBACK, SELF_GIVEN, IPV6, LAN]), LAN.address);
  t.is(networkHost([LOOPBACK, SELF_GIVEN, IPV6]), LOOPBACK.address);
});

test('Firefox reaches us there, others at loopback', async (t) => {
  await using chromium = await BarePage.connected();
  t.is(chromium.host, '127.0.0.1');
  await using firefox = await BarePage.connected({ origin: 'mozilla...THIS_IS_SDPARTA-99.0' });
  await firefox.become('connected');
  t.is(firefox.host, networkHost(Object.values(networkInterfaces()).flatMap((each) => each ?? [])));
});
