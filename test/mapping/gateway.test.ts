/** Which router this machine uses, as each system tells it. */
import test from 'ava';
import { gatewayOfProcNet, gatewayOfRouteGet, gatewayOfRoutePrint } from '../../infra/network/gateway.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
const route = (destination: string, gateway: string, flags: string, metric: number, mask = '00000000') =>
  `eth0\t${destination}\t${gateway}\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0`;

test('Linux: the default route of the least metric', (t) => {
  const table = [
    HEAD,
    route('00000000', '0101A8C0', '0003', 600),
    route('00000000', '0100000A', '0003', 100),
    route('0001A8C0', '00000000', '0001', 0, '00FFFFFF'),
  ];
  t.is(gatewayOfProcNet(table.join('\n')), '10.0.0.1');
});

test('Linux: a route that is down, one without a router, and half of the internet by a VPN are none', (t) => {
  t.is(gatewayOfProcNet([HEAD, route('00000000', '0101A8C0', '0002', 0)].join('\n')), null);
  t.is(gatewayOfProcNet([HEAD, route('00000000', '00000000', '0001', 0)].join('\n')), null);
  t.is(gatewayOfProcNet([HEAD, route('00000000', '0101A8C0', '0003', 0, '00000080')].join('\n')), null);
  t.is(gatewayOfProcNet(''), null);
  t.is(gatewayOfProcNet([HEAD, route('00000000', 'XYZ', '0003', 0)].join('\n')), null);
});

test('macOS: the gateway of the default route', (t) => {
  const output = '   route to: default\ndestination: default\n    gateway: 192.168.1.1\n  interface: en0\n';
  t.is(gatewayOfRouteGet(output), '192.168.1.1');
  t.is(gatewayOfRouteGet('    gateway: fe80::1%en0\n'), null);
  t.is(gatewayOfRouteGet('route: writing to routing socket: not in table\n'), null);
});

test('Windows: the default route of the least metric, in any language', (t) => {
  const output =
    'Aktive Routen:\r\n     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik\r\n' +
    '          0.0.0.0          0.0.0.0      192.168.2.1    192.168.2.9     50\r\n' +
    '          0.0.0.0          0.0.0.0      192.168.1.1    192.168.1.2     25\r\n';
  t.is(gatewayOfRoutePrint(output), '192.168.1.1');
  t.is(gatewayOfRoutePrint('          0.0.0.0          0.0.0.0         On-link      10.0.0.2     25\r\n'), null);
  t.is(gatewayOfRoutePrint(''), null);
});
