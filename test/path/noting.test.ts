/** What a path notes of the packets that pass it, for feedback and for the uplink's measure. */
import test from 'ava';
import type { NotedPacket } from '../../infra/path/contract.ts';
import { KINDS, LOOPBACK, PathUnderTest, PlainPeer, routeOf, rtcpPacket, rtpPacket, until } from './rig.ts';

const SSRC = 7;
const OWN = 8;
const STRANGE = 9;
/** Of IPv4 and UDP, and of RTP. */
const HEADERS = 28;

type Taken = [what: string, port: number, ssrc: number, sequence: number, bytes: number];

/** All that has been noted, by now and until so many have come. */
async function takeNoted({ path }: PathUnderTest, count: number): Promise<Taken[]> {
  const taken: Taken[] = [];
  const take = ({ what, place, ssrc, sequence, bytes }: NotedPacket) =>
    void taken.push([what, place.port, ssrc, sequence, bytes]);
  await until(() => {
    path.takeNoted(take);
    return taken.length >= count;
  });
  return taken;
}

for (const kind of KINDS) {
  test(`${kind}: what comes from members is noted, and each copy that leaves`, async (t) => {
    await using relay = await PathUnderTest.open(kind);
    await using source = await PlainPeer.open();
    await using stranger = await PlainPeer.open();
    await using b = await PlainPeer.open();
    await using c = await PlainPeer.open();
    relay.path.setTable({
      routes: [routeOf(SSRC, source.address, [b.address, c.address])],
      sinks: [],
      reporters: [source.address],
    });
    await source.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 1 }));
    await b.take(1);
    await c.take(1);
    relay.path.note('all');
    await stranger.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 2 }));
    await relay.received(2);
    await source.send(relay.path.bound, rtcpPacket(SSRC), rtpPacket({ ssrc: SSRC, sequence: 65_535, payload: 100 }));
    await b.take(2);
    await c.take(2);
    await source.send(relay.path.bound, rtpPacket({ ssrc: STRANGE, sequence: 3, payload: 1188 }));
    const { port } = source.address;
    t.deepEqual(await takeNoted(relay, 4), [
      ['arrived', port, SSRC, 65_535, HEADERS + 112],
      ['sent', b.address.port, SSRC, 65_535, HEADERS + 112],
      ['sent', c.address.port, SSRC, 65_535, HEADERS + 112],
      ['arrived', port, STRANGE, 3, HEADERS + 1200],
    ]);
    relay.path.note('nothing');
    await source.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 4 }));
    await b.take(3);
    t.deepEqual(await takeNoted(relay, 0), []);
    t.is(relay.path.counters().dropped.unknownSsrc, 1, 'what is acknowledged is not played and not forwarded');
  });

  test(`${kind}: where nobody measures the uplink what leaves is not noted`, async (t) => {
    await using relay = await PathUnderTest.open(kind);
    await using source = await PlainPeer.open();
    await using b = await PlainPeer.open();
    const routes = [routeOf(SSRC, source.address, [b.address]), routeOf(OWN, null, [b.address])];
    relay.path.setTable({ routes, sinks: [], reporters: [source.address] });
    relay.path.note('arrivals');
    relay.path.send(rtpPacket({ ssrc: OWN, sequence: 1 }));
    relay.path.resend(OWN, 1, b.address);
    await source.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 2 }));
    await b.take(3);
    await source.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 3 }));
    t.deepEqual(
      (await takeNoted(relay, 2)).map(([what, , ssrc, sequence]) => [what, ssrc, sequence]),
      [
        ['arrived', SSRC, 2],
        ['arrived', SSRC, 3],
      ],
    );
  });

  test(`${kind}: own packets, resends and padding are noted, and padding reaches a member as such`, async (t) => {
    await using peer = await PathUnderTest.open(kind);
    await using member = await PathUnderTest.open(kind);
    const to = member.path.bound;
    peer.path.setTable({ routes: [routeOf(OWN, null, [to])], sinks: [], reporters: [to] });
    member.path.setTable({
      routes: [],
      sinks: [{ ssrc: OWN, from: [peer.path.bound] }],
      reporters: [peer.path.bound],
    });
    peer.path.note('all');
    member.path.note('all');
    const startedMs = performance.now();
    peer.path.send(rtpPacket({ ssrc: OWN, sequence: 5 }));
    peer.path.resend(OWN, 5, to);
    t.true(peer.path.sendPadding(STRANGE, 65_536, 1200, to));
    t.deepEqual(await takeNoted(peer, 3), [
      ['sent', to.port, OWN, 5, HEADERS + 32],
      ['resent', to.port, OWN, 5, HEADERS + 32],
      ['sent', to.port, STRANGE, 0, HEADERS + 1200],
    ]);
    const arrivals: NotedPacket[] = [];
    await until(() => {
      member.path.takeNoted((packet) => void arrivals.push({ ...packet }));
      return arrivals.length === 3 && member.delivered.length > 0;
    });
    t.deepEqual(
      arrivals.map(({ ssrc, bytes }) => [ssrc, bytes]),
      [
        [OWN, HEADERS + 32],
        [OWN, HEADERS + 32],
        [STRANGE, HEADERS + 1200],
      ],
    );
    for (const { atMs } of arrivals) t.true(atMs >= startedMs && atMs <= performance.now(), `${atMs}`);
    t.is(member.delivered.length, 1);
    t.is(member.path.counters().dropped.unknownSsrc, 1);
  });

  test(`${kind}: after a table with very many addresses nobody else's packets are taken for theirs`, async (t) => {
    await using relay = await PathUnderTest.open(kind);
    await using source = await PlainPeer.open();
    const many = Array.from({ length: 2000 }, (_, index) => ({ host: '192.0.2.1', port: 1000 + index }));
    relay.path.setTable({ routes: [], sinks: [], reporters: [] });
    relay.path.setTable({ routes: [], sinks: [], reporters: [...many, source.address] });
    relay.path.note('all');
    await source.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 1 }));
    await relay.received(1);
    relay.path.setTable({ routes: [], sinks: [], reporters: [source.address] });
    await source.send(relay.path.bound, rtpPacket({ ssrc: SSRC, sequence: 2 }));
    const taken = await takeNoted(relay, 1);
    t.deepEqual(taken, [['arrived', source.address.port, SSRC, 2, HEADERS + 32]]);
  });
}

test('what a member floods us with is not all noted, and another goes on to be', async (t) => {
  await using relay = await PathUnderTest.open('dgram', LOOPBACK, { now: () => 0 });
  await using flooder = await PlainPeer.open();
  await using other = await PlainPeer.open();
  relay.path.setTable({ routes: [], sinks: [], reporters: [flooder.address, other.address] });
  relay.path.note('all');
  for (let sent = 0; sent < 2200; sent += 100) {
    const packets = Array.from({ length: 100 }, (_, index) => rtpPacket({ ssrc: SSRC, sequence: sent + index }));
    await flooder.send(relay.path.bound, ...packets);
    await relay.received(sent + 100);
  }
  await other.send(relay.path.bound, rtpPacket({ ssrc: STRANGE, sequence: 1 }));
  await relay.received(2201);
  const taken = await takeNoted(relay, 2001);
  t.is(taken.length, 2001);
  t.deepEqual(taken.at(-1), ['arrived', other.address.port, STRANGE, 1, HEADERS + 32]);
});
