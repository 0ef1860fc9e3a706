import test from 'ava';
import type { PathTable } from '../../infra/path/contract.ts';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtpPacket } from './rig.ts';

const somewhere = { host: '192.0.2.1', port: 9 };

const BAD_TABLES: Record<string, [table: PathTable, code: string]> = {
  'two routes of one SSRC': [{ routes: [routeOf(1, null, []), routeOf(1, somewhere, [])], sinks: [] }, 'table.invalid'],
  'an SSRC of 33 bits': [{ routes: [routeOf(2 ** 32, null, [])], sinks: [] }, 'table.invalid'],
  'a negative SSRC': [{ routes: [], sinks: [{ ssrc: -1, from: [somewhere] }] }, 'table.invalid'],
  'a receiver by name': [
    { routes: [routeOf(1, null, [{ host: 'a.example', port: 9 }])], sinks: [] },
    'address.invalid',
  ],
  'a sender without a port': [
    { routes: [], sinks: [{ ssrc: 1, from: [{ host: '::1', port: 0 }] }] },
    'address.invalid',
  ],
  'packets to IPv4 that leave from IPv6': [
    { routes: [], sinks: [], origins: [{ to: somewhere, from: '2001:db8::1' }] },
    'table.invalid',
  ],
  'packets that leave from a name': [
    { routes: [], sinks: [], origins: [{ to: somewhere, from: 'localhost' }] },
    'address.invalid',
  ],
  'half an IPv4 address': [{ routes: [routeOf(1, { host: '127.1', port: 9 }, [])], sinks: [] }, 'address.invalid'],
};

for (const kind of KINDS) {
  test(`${kind}: a table with a fault is refused, and the one in force stays`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setTable({ routes: [routeOf(5, upstream.address, [receiver.address])], sinks: [] });
    for (const [name, [table, code]] of Object.entries(BAD_TABLES)) {
      t.throws(() => relay.path.setTable(table), { name: 'PathError', code }, name);
    }
    const packet = rtpPacket({ ssrc: 5, sequence: 1 });
    await upstream.send(relay.path.bound, packet);
    t.deepEqual(await receiver.take(1), [packet]);
  });
}
