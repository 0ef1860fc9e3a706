import test from 'ava';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtpPacket } from './rig.ts';

const ROUTES = 1000;

for (const kind of KINDS) {
  test(`${kind}: a thousand routes of ten receivers each lead where they should`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    const peers = await Promise.all(Array.from({ length: 20 }, () => PlainPeer.open()));
    t.teardown(() => Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]())));
    const tenFrom = (first: number) => peers.slice(first, first + 10).map(({ address }) => address);
    const routes = Array.from({ length: ROUTES }, (_, index) =>
      routeOf(0x7fff_fe00 + index, upstream.address, tenFrom(index % 2 === 0 ? 0 : 10)),
    );
    relay.path.setTable({ routes, sinks: [] });
    const packets = [0, ROUTES - 2, ROUTES / 2].map((index) =>
      rtpPacket({ ssrc: 0x7fff_fe00 + index, sequence: index }),
    );
    await upstream.send(relay.path.bound, ...packets);
    for (const peer of peers.slice(0, 10)) t.deepEqual(new Set(await peer.take(3)), new Set(packets));
    const last = rtpPacket({ ssrc: 0x7fff_fe00 + ROUTES - 1, sequence: 9 });
    await upstream.send(relay.path.bound, last);
    for (const peer of peers.slice(10)) t.deepEqual(await peer.take(1), [last]);
  });
}
