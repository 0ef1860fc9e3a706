/** A relay can send again what it has forwarded of others' streams. */
import test from 'ava';
import { TableCompiler } from '../../infra/path/table/table-compiler.ts';
import { EVERY_SLICE, KINDS, PathUnderTest, PlainPeer, routeOf, rtpPacket, until } from './rig.ts';

const SSRC = 0x90000001;

for (const kind of KINDS) {
  test(`${kind}: what was forwarded can be had again, and sent to whoever lost it; what was not cannot`, async (t) => {
    await using client = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    const evenSlices = [{ to: receiver.address, slices: 0x5555 }];
    relay.path.setTable({ routes: [routeOf(SSRC, client.address, [], { legs: evenSlices })], sinks: [] });
    const packets = [65_534, 65_535, 65_536, 65_538].map((sequence) => rtpPacket({ ssrc: SSRC, sequence }));
    await client.send(relay.path.bound, ...packets);
    await receiver.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 4 }));
    await relay.received(5);
    await receiver.take(3);
    await until(() => relay.path.stored(SSRC, 2) !== undefined);
    t.deepEqual(relay.path.stored(SSRC, 0), new Uint8Array(rtpPacket({ ssrc: SSRC, sequence: 65_536 })));
    t.deepEqual(
      [65_534, 65_535, 2, 4].map((sequence) => relay.path.resend(SSRC, sequence, receiver.address)),
      [32, 0, 32, 0],
    );
    t.deepEqual((await receiver.take(5)).slice(3), [packets[0], packets[3]] as Buffer[]);
  });

  test(`${kind}: of what was over the limit it is known that it came`, async (t) => {
    await using client = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    const route = routeOf(SSRC, client.address, [receiver.address], { limitBps: 1000 });
    relay.path.setTable({ routes: [route], sinks: [] });
    const packets = Array.from({ length: 20 }, (_, sequence) => rtpPacket({ ssrc: SSRC, sequence, payload: 1188 }));
    await client.send(relay.path.bound, ...packets);
    await relay.received(20);
    await until(() => relay.path.counters().dropped.overLimit === 8 || relay.path.counters().dropped.overLimit === 7);
    t.true(relay.path.stored(SSRC, 0) !== undefined && !relay.path.wasOverLimit(SSRC, 0));
    t.true(relay.path.stored(SSRC, 19) === undefined && relay.path.wasOverLimit(SSRC, 19));
    t.false(relay.path.wasOverLimit(SSRC, 20));
  });

  test(`${kind}: a change of the route keeps what was forwarded; its end forgets it`, async (t) => {
    await using client = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    const route = routeOf(SSRC, client.address, [receiver.address], { limitBps: 1_000_000 });
    relay.path.setTable({ routes: [route], sinks: [] });
    await client.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 1 }));
    await receiver.take(1);
    await until(() => relay.path.stored(SSRC, 1) !== undefined);
    relay.path.setTable({ routes: [{ ...route, limitBps: 900_000 }], sinks: [] });
    t.is(relay.path.stored(SSRC, 1)?.length, 32);
    relay.path.setTable({ routes: [], sinks: [] });
    t.is(relay.path.stored(SSRC, 1), undefined);
  });
}

test('of all streams together no more is kept than there is room for, and what ends makes room', (t) => {
  const mostBytes = 1 << 20;
  const compiler = new TableCompiler(mostBytes);
  const client = { host: '192.0.2.1', port: 5000 };
  const legs = [{ to: { host: '192.0.2.2', port: 5000 }, slices: EVERY_SLICE }];
  const routes = Array.from({ length: 20 }, (_, index) => routeOf(index, client, [], { legs, limitBps: 1_000_000 }));
  const bytesOf = () => compiler.whole().streams.map(({ cache }) => cache?.byteLength ?? 0);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  compiler.setTable({ routes, sinks: [] });
  t.true(sum(bytesOf()) <= mostBytes && sum(bytesOf()) > mostBytes / 2);
  t.is(bytesOf().at(-1), 0);
  compiler.setTable({ routes: routes.slice(0, 3), sinks: [] });
  compiler.setTable({
    routes: [...routes.slice(0, 3), routeOf(99, client, [], { legs, limitBps: 1_000_000 })],
    sinks: [],
  });
  t.true((bytesOf().at(-1) ?? 0) > 0);
  t.true(sum(bytesOf()) <= mostBytes);
});
