import test from 'ava';
import { inChannel } from '../../infra/path/channel-data.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { KINDS, PathUnderTest, PlainPeer, routeOf, rtcpPacket, rtpPacket, stunMessage, until } from './rig.ts';

const SSRC = 21;
const CHANNEL = 0x4000;
const OTHER = 0x4fff;

/** Whoever `channel` leads to at a server. */
function behind(server: PlainPeer, channel: number): Endpoint {
  return { ...server.address, channel };
}

function packets(first: number, count: number, payload = 20): Buffer[] {
  return Array.from({ length: count }, (_, index) => rtpPacket({ ssrc: SSRC, sequence: first + index, payload }));
}

function wrapped(channel: number, all: readonly Uint8Array[]): Buffer[] {
  return all.map((packet) => Buffer.from(inChannel(packet, channel)));
}

for (const kind of KINDS) {
  test(`${kind}: what goes to a channel goes to its server with number and length in front`, async (t) => {
    await using server = await PlainPeer.open();
    await using plain = await PlainPeer.open();
    await using upstream = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    const through = behind(server, CHANNEL);
    relay.path.setTable({
      routes: [
        routeOf(SSRC, upstream.address, [plain.address, through]),
        routeOf(SSRC + 1, null, [through, plain.address]),
      ],
      sinks: [],
    });
    // Equal ones and a shorter last one, which leave to `plain` as one message where the kernel has UDP GSO.
    const relayed = [...packets(1, 3, 100), ...packets(4, 1, 33)];
    await upstream.send(relay.path.bound, ...relayed);
    t.deepEqual(await server.take(4), wrapped(CHANNEL, relayed));
    t.deepEqual(await plain.take(4), relayed);
    const own = rtpPacket({ ssrc: SSRC + 1, sequence: 9, payload: 7 });
    relay.path.send(own);
    relay.path.sendTo(stunMessage(5), through);
    t.is(relay.path.resend(SSRC + 1, 9, behind(server, OTHER)), own.length);
    const sent = [...wrapped(CHANNEL, [own, stunMessage(5)]), ...wrapped(OTHER, [own])];
    t.deepEqual((await server.take(7)).slice(4), sent);
    await until(() => relay.path.counters().sentPackets === 12);
    const bytes = (all: readonly Uint8Array[]) => all.reduce((sum, { length }) => sum + length, 0);
    t.is(relay.path.sentTo(through), bytes(relayed) + own.length + 5 * 4);
    t.is(relay.path.sentTo(plain.address), bytes(relayed) + own.length);
  });

  test(`${kind}: what comes through a channel comes from whoever it leads to, and from nobody else`, async (t) => {
    await using server = await PlainPeer.open();
    await using stranger = await PlainPeer.open();
    await using player = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const from = behind(server, CHANNEL);
    peer.path.setTable({
      routes: [routeOf(SSRC, from, [player.address])],
      sinks: [{ ssrc: SSRC, from: [from] }],
      reporters: [from],
    });
    const media = packets(1, 2);
    const [first = media[0], second = media[1]] = wrapped(CHANNEL, media);
    // Over UDP there may be padding behind what a channel holds.
    const padded = Buffer.concat([second ?? Buffer.alloc(0), Buffer.alloc(3)]);
    await server.send(peer.path.bound, first ?? Buffer.alloc(0), padded);
    t.deepEqual(await player.take(2), media);
    await until(() => peer.delivered.length === 2);
    t.deepEqual(
      peer.delivered.map(({ packet, from: sender }) => [packet, sender]),
      media.map((packet) => [packet, from]),
    );
    await server.send(peer.path.bound, ...wrapped(CHANNEL, [rtcpPacket(SSRC), stunMessage(1)]));
    await server.send(peer.path.bound, ...wrapped(OTHER, [stunMessage(2)]), stunMessage(3));
    await until(() => peer.stun.length === 3);
    t.deepEqual(peer.rtcp, [{ packet: rtcpPacket(SSRC), from }]);
    t.deepEqual(
      peer.stun.map(({ packet, from: sender }) => [packet, sender]),
      [
        [stunMessage(1), from],
        [stunMessage(2), behind(server, OTHER)],
        [stunMessage(3), server.address],
      ],
    );
    // Through another channel, through none, and by somebody who is not the server.
    await server.send(peer.path.bound, ...wrapped(OTHER, packets(3, 1)), ...packets(4, 1));
    await stranger.send(peer.path.bound, ...wrapped(CHANNEL, packets(5, 1)));
    await peer.received(9);
    t.is(peer.path.counters().dropped.unknownAddress, 3);
    t.is(peer.delivered.length, 2);
  });

  test(`${kind}: ChannelData that is cut off, too long, or holds more of its kind is dropped`, async (t) => {
    await using server = await PlainPeer.open();
    await using peer = await PathUnderTest.open(kind);
    const from = behind(server, CHANNEL);
    peer.path.setTable({ routes: [], sinks: [{ ssrc: SSRC, from: [from] }] });
    const [whole = Buffer.alloc(0)] = wrapped(CHANNEL, packets(1, 1));
    const hostile = [
      whole.subarray(0, whole.length - 1),
      ...wrapped(CHANNEL, [whole]),
      ...wrapped(CHANNEL, packets(2, 1, 1485)),
      ...wrapped(CHANNEL, [Buffer.alloc(0)]),
      Buffer.from([0x40]),
    ];
    await server.send(peer.path.bound, ...hostile, ...wrapped(CHANNEL, packets(3, 1, 1484)));
    await until(() => peer.delivered.length === 1);
    t.deepEqual(
      peer.delivered.map(({ packet }) => packet),
      packets(3, 1, 1484),
    );
    t.like(peer.path.counters().dropped, { badVersion: 2, tooLong: 1, tooShort: 2 });
  });

  test(`${kind}: a number that is no channel's is refused`, async (t) => {
    await using peer = await PathUnderTest.open(kind);
    for (const channel of [0, 0x3fff, 0x5000, 0x4000 + 0.5]) {
      const to = { host: '192.0.2.1', port: 3478, channel };
      t.throws(() => peer.path.sendTo(stunMessage(), to), { code: 'address.invalid' });
    }
  });
}
