/** The transport on real sockets: what it sends of its own streams, what it reports, and whose reports it believes. */
import test, { type ExecutionContext } from 'ava';
import type { TransportOptions } from '../../actors/media/transport-options.ts';
import { packetsOf } from '../../infra/rtcp/compound.ts';
import { readKeyFrameRequests, writePictureLoss } from '../../infra/rtcp/feedback.ts';
import { readForwardReports, writeForwardReports } from '../../infra/rtcp/forward-report.ts';
import { readReportBlocks, readSenderReports, writeReport } from '../../infra/rtcp/reception-report.ts';
import { writeSealedText } from '../../infra/rtcp/sealed-text.ts';
import { readCnames, writeGoodbye } from '../../infra/rtcp/source-description.ts';
import { isRtcp, readSequence, readSsrc } from '../../infra/rtp/header.ts';
import { freshKeyPair } from '../../infra/stun/pair-key.ts';
import type { StreamInfo } from '../../machines/messages.ts';
import type { PeerEvent } from '../../machines/peer.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { LOOPBACK, PlainPeer, rtpPacket, until } from '../path/rig.ts';
import { openTransport } from './transport-actor.ts';
import { memberAt, reachOptions } from './transport-members.ts';

const CAMERA = 1;
const VOICE = 2;
const CODECS = { camera: 'VP8/90000', voice: 'opus/48000/2' } as const;

const stream = (name: string, ssrc: number): StreamInfo => ({
  ...{ name, ssrc, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
});

const ownTo = (...peers: readonly string[]) =>
  (['camera', 'voice'] as const).map((name, index) => ({
    ...{ stream: name, ssrc: index + 1, media: 'video' as const, codec: CODECS[name], rateBps: 0 },
    holders: [],
    hops: peers.map((peer) => ({ peer, slices: ALL_SLICES })),
  }));

/** A transport under a parent that keeps what it is told. */
async function open(t: ExecutionContext, changes: Partial<TransportOptions> = {}) {
  const senderReports: number[] = [];
  const opened = await openTransport(t, {
    listen: { host: LOOPBACK, port: 0 },
    kind: 'dgram',
    latency: 'auto',
    reach: reachOptions(),
    deliver: () => undefined,
    onSenderReport: (packet) => void senderReports.push(readSenderReports(packet, 1)[0]?.ssrc ?? 0),
    askSource: () => 'asked',
    onMissing: () => undefined,
    expects: () => true,
    onRates: () => undefined,
    ...changes,
  });
  return { ...opened, senderReports };
}

const told = (events: readonly PeerEvent[], type: PeerEvent['type']) => events.filter((event) => event.type === type);
/** So many packets of media; the receiver is a member, so it gets reports too. */
async function taken(receiver: PlainPeer, count: number): Promise<Uint8Array[]> {
  const media = () => receiver.received.flatMap(({ packet }) => (isRtcp(packet) ? [] : [packet]));
  await until(() => media().length >= count);
  return media();
}
const isReport = (packet: Uint8Array) => isRtcp(packet);

test('packets of a stream go out under the SSRC that it has now', async (t) => {
  await using receiver = await PlainPeer.open();
  const { transport, apply } = await open(t);
  const members = [memberAt('B', receiver.address)];
  apply({ own: ownTo('B'), members });
  transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence: 1 }));
  apply({ own: ownTo('B').map((own) => ({ ...own, ssrc: own.ssrc + 100 })), members });
  transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence: 2 }));
  transport.send('voice', rtpPacket({ ssrc: VOICE, sequence: 3 }));
  transport.send('screen', rtpPacket({ ssrc: CAMERA, sequence: 4 }));
  transport.send('voice', rtpPacket({ ssrc: VOICE, sequence: 5 }));
  t.deepEqual(
    (await taken(receiver, 4)).map((packet) => [readSsrc(packet), readSequence(packet)]),
    [
      [1, 1],
      [101, 2],
      [102, 3],
      [102, 5],
    ],
  );
});

test('each member gets a sender report of every stream that has begun, and a block on each of its own that comes', async (t) => {
  await using member = await PlainPeer.open();
  const { transport, apply, bound } = await open(t);
  const streams = [stream('camera', 11), stream('voice', 12), stream('screen', 13)];
  apply({ own: ownTo(), members: [memberAt('B', member.address, streams)] });
  await member.send(bound, rtpPacket({ ssrc: 11, sequence: 1 }), rtpPacket({ ssrc: 12, sequence: 9 }));
  transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence: 1 }));
  transport.send('voice', rtpPacket({ ssrc: VOICE, sequence: 1 }));
  transport.send('voice', rtpPacket({ ssrc: VOICE, sequence: 2 }));
  const tells = (packet: Uint8Array) => isReport(packet) && readSenderReports(packet, 8).length > 0;
  await until(() => member.received.some(({ packet }) => tells(packet)));
  const [datagram = Buffer.alloc(0)] = member.received.map(({ packet }) => packet).filter(tells);
  t.deepEqual(
    readSenderReports(datagram, 8).map(({ ssrc, packets, bytes }) => [ssrc, packets, bytes]),
    [
      [CAMERA, 1, 20],
      [VOICE, 2, 40],
    ],
  );
  t.deepEqual(
    readReportBlocks(datagram, 8).map(({ ssrc }) => ssrc),
    [11, 12],
  );
  t.deepEqual([...readCnames(datagram).keys()], [CAMERA, VOICE]);
  t.is(new Set(readCnames(datagram).values()).size, 1);
});

test('a peer that shows nothing sends receiver reports', async (t) => {
  await using member = await PlainPeer.open();
  const { apply } = await open(t);
  apply({ members: [memberAt('B', member.address)] });
  const [datagram = Buffer.alloc(0)] = await member.take(1);
  t.deepEqual(
    [...packetsOf(datagram)].map((packet) => packet[1]),
    [201, 202],
  );
  t.is(readCnames(datagram).size, 1);
});

test('a client gets one datagram with a report on each of its streams', async (t) => {
  await using client = await PlainPeer.open();
  await using other = await PlainPeer.open();
  const { apply, bound } = await open(t);
  const relayed = (owner: string, ssrc: number) => ({
    ...{ client: owner, stream: `s${ssrc}`, ssrc, media: 'video' as const },
    ...{ legs: [{ receiver: owner === 'C' ? 'D' : 'C', slices: ALL_SLICES }], promisedBps: 1e6, limitBps: 1e6 },
  });
  const members = [memberAt('C', client.address), memberAt('D', other.address)];
  apply({ members, relayed: [relayed('C', 21), relayed('C', 22), relayed('D', 23)] });
  await client.send(bound, rtpPacket({ ssrc: 22, sequence: 77 }));
  // Feedback may come after it.
  const told = () => client.received.map(({ packet }) => readForwardReports(packet));
  const isThere = () => told().find((reports) => reports.some(({ newest }) => newest === 77));
  await until(() => isThere() !== undefined);
  t.like(isThere(), [
    { streamSsrc: 21, newest: undefined },
    { streamSsrc: 22, newest: 77 },
  ]);
  const ofOther = other.received.flatMap(({ packet }) => (isReport(packet) ? readForwardReports(packet) : []));
  t.true(ofOther.length > 0 && ofOther.every(({ streamSsrc }) => streamSsrc === 23));
});

test('a relay is confirmed by its reports on our streams, each on its own; what a stranger or one that is none reports is nothing', async (t) => {
  await using relay = await PlainPeer.open();
  await using member = await PlainPeer.open();
  await using stranger = await PlainPeer.open();
  const { events, apply, bound } = await open(t);
  apply({
    own: ownTo('R'),
    relays: [{ relay: 'R', ssrcs: [CAMERA, VOICE] }],
    members: [memberAt('R', relay.address), memberAt('B', member.address)],
  });
  const report = (streamSsrc: number) => writeForwardReports([{ forwarderSsrc: 9, streamSsrc, newest: undefined }]);
  await stranger.send(bound, report(CAMERA));
  await member.send(bound, report(CAMERA));
  await relay.send(bound, report(77), report(VOICE));
  await until(() => told(events, 'relay.confirmed').length > 0);
  t.deepEqual(told(events, 'relay.confirmed'), [{ type: 'relay.confirmed', relay: 'R', ssrc: VOICE }]);
  await relay.send(bound, Buffer.concat([report(VOICE), report(CAMERA)]));
  await until(() => told(events, 'relay.confirmed').length > 1);
  t.like(told(events, 'relay.confirmed')[1], { relay: 'R', ssrc: CAMERA });
});

test('a relay that falls silent tells how far it was with each stream; it does not answer for what was sent before it was one', async (t) => {
  await using relay = await PlainPeer.open();
  const { transport, events, apply, bound } = await open(t);
  const table = { own: ownTo('R'), members: [memberAt('R', relay.address)] };
  apply(table);
  for (let sequence = 100; sequence < 110; sequence++) transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence }));
  apply({ ...table, relays: [{ relay: 'R', ssrcs: [CAMERA, VOICE] }] });
  transport.send('voice', rtpPacket({ ssrc: VOICE, sequence: 500 }));
  transport.send('voice', rtpPacket({ ssrc: VOICE, sequence: 501 }));
  await relay.send(bound, writeForwardReports([{ forwarderSsrc: 9, streamSsrc: VOICE, newest: 500 }]));
  await until(() => told(events, 'relay.silent').length > 0);
  t.deepEqual(told(events, 'relay.silent'), [
    {
      type: 'relay.silent',
      relay: 'R',
      acknowledged: [
        { ssrc: CAMERA, sequence: 109 },
        { ssrc: VOICE, sequence: 500 },
      ],
      quiet: [],
    },
  ]);
});

test('only RTCP of a member proves that it lives', async (t) => {
  await using member = await PlainPeer.open();
  await using stranger = await PlainPeer.open();
  const { events, apply, bound } = await open(t);
  apply({ members: [memberAt('B', member.address)] });
  await stranger.send(bound, writeReport(5, null, []));
  await member.send(bound, writeReport(6, null, []));
  await until(() => told(events, 'media.alive').length > 0);
  t.deepEqual(told(events, 'media.alive'), [{ type: 'media.alive', peer: 'B' }]);
});

test('players hear a sender report of its owner only, one for each stream', async (t) => {
  await using owner = await PlainPeer.open();
  await using liar = await PlainPeer.open();
  const { senderReports, apply, bound } = await open(t);
  apply({
    members: [
      memberAt('B', owner.address, [stream('camera', 11), stream('voice', 12)]),
      memberAt('C', liar.address, [stream('camera', 21)]),
    ],
  });
  const report = (ssrc: number) => writeReport(ssrc, { unixMs: 0, rtpTimestamp: 0, packets: 5, bytes: 5 }, []);
  await liar.send(bound, report(11), Buffer.concat([report(12), report(21)]));
  await owner.send(bound, report(21), Buffer.concat([report(12), report(11)]));
  await until(() => senderReports.length >= 3);
  t.deepEqual(senderReports, [21, 12, 11]);
});

test('the time of a stream goes through its relay to a player that no other way leads to', async (t) => {
  await using owner = await PlainPeer.open();
  const relay = await open(t);
  const { senderReports, apply, bound } = await open(t);
  const streams = [stream('camera', 11)];
  const route = { client: 'B', stream: 'camera', ssrc: 11, media: 'video' as const, promisedBps: 1e6, limitBps: 1e6 };
  relay.apply({
    members: [memberAt('B', owner.address, streams), memberAt('P', bound)],
    relayed: [{ ...route, legs: [{ receiver: 'P', slices: ALL_SLICES }] }],
  });
  // Of whoever has a key no address is believed before it has proved itself.
  const away = { ...memberAt('B', owner.address, streams), key: freshKeyPair().publicKey };
  apply({ members: [away, memberAt('R', relay.bound)] });
  await owner.send(relay.bound, writeReport(11, { unixMs: 0, rtpTimestamp: 0, packets: 5, bytes: 5 }, []));
  await until(() => senderReports.length > 0);
  t.deepEqual(senderReports, [11]);
});

test('slices are missed only of streams that their owner sends us', async (t) => {
  await using owner = await PlainPeer.open();
  const { events, apply, bound } = await open(t, { expects: (_, name) => name === 'voice' });
  const streams = [stream('camera', 11), stream('voice', 12)];
  apply({ members: [memberAt('B', owner.address, streams)] });
  const report = (ssrc: number, packets: number) =>
    writeReport(ssrc, { unixMs: 0, rtpTimestamp: 0, packets, bytes: 5 }, []);
  await owner.send(bound, Buffer.concat([report(11, 0), report(12, 0)]));
  await owner.send(bound, Buffer.concat([report(11, 800), report(12, 800)]));
  await until(() => told(events, 'slices.missing').length > 0);
  t.deepEqual(told(events, 'slices.missing'), [
    { type: 'slices.missing', owner: 'B', stream: 'voice', slices: ALL_SLICES },
  ]);
});

test('rates are passed on by stream', async (t) => {
  const rates: ReadonlyMap<string, number>[] = [];
  const { port } = await open(t, { onRates: (now) => void rates.push(now) });
  const asked = new Map([
    ['camera', 0],
    ['voice', 32_000],
  ]);
  port.send({ type: 'transport.rates', rates: asked });
  t.deepEqual(rates, [asked]);
});

test('what was sent is sent again to whoever is named', async (t) => {
  await using relay = await PlainPeer.open();
  await using receiver = await PlainPeer.open();
  const { transport, apply, port } = await open(t);
  const members = [memberAt('R', relay.address), memberAt('S', receiver.address)];
  apply({ own: ownTo('R'), members, resendLimitBps: 1e7 });
  for (let sequence = 0; sequence < 4; sequence++) transport.send('voice', rtpPacket({ ssrc: VOICE, sequence }));
  port.send({
    ...{ type: 'transport.resend', ssrc: VOICE, afterSequence: 1, slices: ALL_SLICES },
    ...{ to: ['S'], isAhead: true },
  });
  t.deepEqual((await taken(receiver, 2)).map(readSequence), [2, 3]);
});

test("what a member reports of our streams is kept as long as it is there; of others' streams and from strangers it is nothing", async (t) => {
  await using member = await PlainPeer.open();
  await using stranger = await PlainPeer.open();
  const { transport, apply, bound } = await open(t);
  const members = [memberAt('B', member.address)];
  apply({ own: ownTo(), members });
  for (let sequence = 0; sequence < 10; sequence++) transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence }));
  const answersOf = async () => {
    await until(() => member.received.some(({ packet }) => readSenderReports(packet, 8).length > 0));
    const [report] = member.received.flatMap(({ packet }) => readSenderReports(packet, 8));
    return { lastReport: report?.shortNtp ?? 0, delaySinceLastReport: 0 };
  };
  const block = {
    ...{ ssrc: CAMERA, fractionLost: 128, packetsLost: 5, highestSequence: 9, jitter: 90 },
    ...(await answersOf()),
  };
  await stranger.send(bound, writeReport(7, null, [{ ...block, ssrc: VOICE }]));
  await member.send(bound, writeReport(7, null, [{ ...block, ssrc: 99 }, block]));
  await until(() => transport.receivers.receiverReportsOf('B').length > 0);
  const [report, ...others] = transport.receivers.receiverReportsOf('B');
  t.like(report, { stream: 'camera', loss: 0.5, packetsLost: 5, jitterMs: 1 });
  t.true((report?.roundTripMs ?? -1) >= 0 && (report?.roundTripMs ?? 1e9) < 10_000);
  t.deepEqual(others, []);
  apply({ own: ownTo(), members: [] });
  apply({ own: ownTo(), members });
  t.deepEqual(transport.receivers.receiverReportsOf('B'), []);
});

/**
 * As GStreamer's rtpbin writes it: a receiver report of the stream that it plays, of which 13 in 256 are lost and 5 packets in all,
 * and its description with CNAME and tool.
 */
const OF_PLAYER = Buffer.from(
  '81c9000794e9829a0000000b0d00000500000a4f000000e97dccbfa0000064fd81ca000994e9829a01097573657240686f73740609475374726561' +
    '6d65720000000000',
  'hex',
);

test('what a player here reports of a stream of a member is kept as long as that shows it', async (t) => {
  await using member = await PlainPeer.open();
  const { transport, apply, bound } = await open(t);
  const members = [memberAt('B', member.address, [stream('camera', 11), stream('voice', 12)])];
  apply({ members });
  const packets = Array.from({ length: 20 }, (_, sequence) => rtpPacket({ ssrc: 11, sequence }));
  await member.send(bound, ...packets);
  await until(() => (transport.path.ssrcCounters(11)?.deliveredPackets ?? 0) === packets.length);
  for (const [owner, name] of [
    ['B', 'camera'],
    ['B', 'voice'],
    ['B', 'screen'],
    ['C', 'camera'],
  ] as const) {
    transport.takePlayerRtcp(owner, name, OF_PLAYER);
  }
  const [report, ...others] = transport.receivers.playerReportsOf('B');
  t.deepEqual(report, { stream: 'camera', loss: 13 / 256, packetsLost: 5, jitterMs: 2.6 });
  t.deepEqual([...others, ...transport.receivers.playerReportsOf('C')], []);
  // It says nothing of how B gets anything.
  t.deepEqual(transport.receivers.receiverReportsOf('B'), []);
  apply({ members: [memberAt('B', member.address, [stream('voice', 12)])] });
  t.deepEqual(transport.receivers.playerReportsOf('B'), []);
});

test('a block answers the newest sender report of its stream', async (t) => {
  await using owner = await PlainPeer.open();
  const { apply, bound } = await open(t);
  apply({ members: [memberAt('B', owner.address, [stream('camera', 11)])] });
  const report = writeReport(11, { unixMs: 1e12, rtpTimestamp: 0, packets: 1, bytes: 1 }, []);
  const [sent] = readSenderReports(report, 1);
  await owner.send(bound, rtpPacket({ ssrc: 11, sequence: 1 }), report);
  const blocks = () => owner.received.flatMap(({ packet }) => readReportBlocks(packet, 8));
  await until(() => blocks().length > 0);
  t.like(blocks()[0], { ssrc: 11, fractionLost: 0, packetsLost: 0, lastReport: sent?.shortNtp });
  t.true((blocks()[0]?.delaySinceLastReport ?? 0) > 0);
});

test('a stream that ends, or gets another SSRC, says goodbye to every member', async (t) => {
  await using member = await PlainPeer.open();
  const { transport, apply } = await open(t);
  const members = [memberAt('B', member.address)];
  const goodbyes = () =>
    member.received.flatMap(({ packet }) => [...packetsOf(packet)].filter((one) => one[1] === 203));
  apply({ own: ownTo(), members });
  apply({ own: ownTo().map((own) => ({ ...own, ssrc: own.ssrc === VOICE ? 102 : own.ssrc })), members });
  await until(() => goodbyes().length === 1);
  apply({ own: [], members: [] });
  await until(() => goodbyes().length === 2);
  t.deepEqual(
    goodbyes(),
    [writeGoodbye([VOICE]), writeGoodbye([CAMERA, 102])].map((packet) => Buffer.from(packet)),
  );
  t.is(transport.table.own.length, 0);
});

test('a picture that begins to come is asked for, with a report and a name as RTCP wants it; a member that asks reaches the source', async (t) => {
  await using owner = await PlainPeer.open();
  const asked: string[] = [];
  const { apply, bound } = await open(t, {
    askSource: (name) => {
      asked.push(name);
      return 'asked';
    },
  });
  apply({ own: ownTo(), members: [memberAt('B', owner.address, [stream('camera', 11)])] });
  await owner.send(bound, rtpPacket({ ssrc: 11, sequence: 1 }), writePictureLoss(11, CAMERA));
  await until(() => owner.received.length > 0 && asked.length > 0);
  const request = owner.received.find(({ packet }) => readKeyFrameRequests(packet, 8).length > 0)?.packet;
  t.deepEqual(
    [...packetsOf(request ?? Buffer.alloc(0))].map((packet) => packet[1]),
    [201, 202, 206],
  );
  t.is(readKeyFrameRequests(request ?? Buffer.alloc(0), 8)[0]?.ssrc, 11);
  t.deepEqual(asked, ['camera']);
});

test('what is urgent comes to the member that it is for, sealed with the key of the pair; from anybody else it is nothing', async (t) => {
  await using stranger = await PlainPeer.open();
  const [ofA, ofB] = [reachOptions('A'), reachOptions('B')];
  const heard: string[] = [];
  const onUrgent = (kind: string, from: string, text: string) => heard.push(`${kind} of ${from}: ${text.trimEnd()}`);
  const a = await open(t, { reach: ofA });
  const b = await open(t, { reach: ofB, onUrgent });
  const known = (peer: string, { keys }: typeof ofA) => ({
    ...{ ...memberAt(peer, { host: LOOPBACK, port: 9 }), claim: null, key: keys.publicKey },
  });
  a.apply({ members: [known('B', ofB)] });
  b.apply({ members: [known('A', ofA), memberAt('D', stranger.address)] });
  const candidates = [{ kind: 'host' as const, ...b.bound }];
  a.port.send({ type: 'transport.candidates', peer: 'B', generation: 1, candidates });
  await until(() => told(a.events, 'pair.opened').length > 0 && told(b.events, 'pair.opened').length > 0);
  const sealed = writeSealedText('relay.request {"of":"a stranger"}', 9, Buffer.alloc(32));
  await stranger.send(b.bound, sealed ?? Buffer.alloc(0));
  a.transport.hasten('B', 'relay.request', 'x'.repeat(2000));
  a.transport.hasten('X', 'relay.request', '{"to":"nobody"}');
  a.transport.hasten('B', 'relay.request', '{"a":1}');
  await until(() => heard.length > 0);
  t.deepEqual(heard, ['relay.request of A: {"a":1}']);
});
