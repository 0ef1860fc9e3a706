/** The transport on real sockets: what it sends of its own streams, what it reports, and whose reports it believes. */
import test, { type ExecutionContext } from 'ava';
import { createActor, setup } from 'xstate';
import { readSenderReports, receiverReport, senderReport } from '../../actors/reports.ts';
import { Transport, type TransportOptions } from '../../actors/transport.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { packetsOf } from '../../infra/rtp/compound.ts';
import { readForwardReports, writeForwardReports } from '../../infra/rtp/forward-report.ts';
import { isRtcp, readSequence, readSsrc } from '../../infra/rtp/header.ts';
import type { StreamInfo } from '../../machines/messages.ts';
import type { PeerEvent } from '../../machines/peer.ts';
import type { Port, TransportCommand, TransportMember, TransportTable } from '../../machines/ports.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { LOOPBACK, PlainPeer, rtpPacket, until } from '../path/rig.ts';

const CAMERA = 1;
const VOICE = 2;
const NOTHING: TransportTable = { own: [], relayed: [], relays: [], members: [], resendLimitBps: 0 };

const stream = (name: string, ssrc: number): StreamInfo => ({
  ...{ name, ssrc, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
});

const memberAt = (peer: string, address: Endpoint, streams: readonly StreamInfo[] = []): TransportMember => ({
  ...{ peer, address, streams, compatible: true },
});

const ownTo = (...to: readonly Endpoint[]) =>
  (['camera', 'voice'] as const).map((name, index) => ({
    ...{ stream: name, ssrc: index + 1, media: 'video' as const },
    hops: to.map((endpoint) => ({ peer: 'B', to: endpoint, slices: ALL_SLICES })),
  }));

/** A transport under a parent that keeps what it is told. */
async function open(t: ExecutionContext, changes: Partial<TransportOptions> = {}) {
  const senderReports: number[] = [];
  const transport = await Transport.open({
    listen: { host: LOOPBACK, port: 0 },
    kind: 'dgram',
    latency: 'auto',
    deliver: () => undefined,
    onSenderReport: (packet) => void senderReports.push(readSenderReports(packet)[0]?.ssrc ?? 0),
    clockRates: new Map([
      ['camera', 90_000],
      ['voice', 48_000],
    ]),
    expects: () => true,
    onRates: () => undefined,
    ...changes,
  });
  const events: PeerEvent[] = [];
  const parent = setup({
    types: { events: {} as PeerEvent },
    actors: { transport: transport.logic },
  }).createMachine({
    invoke: { src: 'transport', systemId: 'transport' },
    on: { '*': { actions: ({ event }) => void events.push(event) } },
  });
  const actor = createActor(parent).start();
  t.teardown(async () => {
    actor.stop();
    await transport.close();
  });
  const port: Port<TransportCommand> = actor.system.get('transport');
  const apply = (table: Partial<TransportTable>) =>
    port.send({ type: 'transport.table', table: { ...NOTHING, ...table } });
  return { transport, events, senderReports, apply, port, bound: transport.path.bound };
}

const told = (events: readonly PeerEvent[], type: PeerEvent['type']) => events.filter((event) => event.type === type);
const isReport = (packet: Uint8Array) => isRtcp(packet);

test('packets of a stream go out under the SSRC that it has now', async (t) => {
  await using receiver = await PlainPeer.open();
  const { transport, apply } = await open(t);
  apply({ own: ownTo(receiver.address) });
  transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence: 1 }));
  apply({ own: ownTo(receiver.address).map((own) => ({ ...own, ssrc: own.ssrc + 100 })) });
  transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence: 2 }));
  transport.send('voice', rtpPacket({ ssrc: VOICE, sequence: 3 }));
  transport.send('screen', rtpPacket({ ssrc: CAMERA, sequence: 4 }));
  transport.send('voice', rtpPacket({ ssrc: VOICE, sequence: 5 }));
  t.deepEqual(
    (await receiver.take(4)).map((packet) => [readSsrc(packet), readSequence(packet)]),
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
  await until(() => member.received.some(({ packet }) => isReport(packet)));
  const [datagram = Buffer.alloc(0)] = member.received.map(({ packet }) => packet).filter(isReport);
  t.deepEqual(
    readSenderReports(datagram).map(({ ssrc, packets }) => [ssrc, packets]),
    [
      [CAMERA, 1],
      [VOICE, 2],
    ],
  );
  const [first] = packetsOf(datagram);
  const view = new DataView(first?.buffer ?? new ArrayBuffer(0), first?.byteOffset);
  t.deepEqual([view.getUint8(0) & 0x1f, view.getUint32(28), view.getUint32(52)], [2, 11, 12]);
});

test('a peer that shows nothing sends receiver reports', async (t) => {
  await using member = await PlainPeer.open();
  const { apply } = await open(t);
  apply({ members: [memberAt('B', member.address)] });
  const [datagram] = await member.take(1);
  t.deepEqual(datagram, Buffer.from(receiverReport(0, [])));
});

test('a client gets one datagram with a report on each of its streams', async (t) => {
  await using client = await PlainPeer.open();
  await using other = await PlainPeer.open();
  const { apply, bound } = await open(t);
  const relayed = (peer: PlainPeer, ssrc: number) => ({
    ...{ client: 'C', stream: `s${ssrc}`, ssrc, media: 'video' as const, upstream: peer.address },
    ...{ legs: [{ receiver: 'R', slices: ALL_SLICES, address: other.address }], promisedBps: 1e6, limitBps: 1e6 },
  });
  apply({ relayed: [relayed(client, 21), relayed(client, 22), relayed(other, 23)] });
  await client.send(bound, rtpPacket({ ssrc: 22, sequence: 77 }));
  await until(() =>
    client.received.some(({ packet }) => readForwardReports(packet).some(({ newest }) => newest === 77)),
  );
  t.deepEqual(readForwardReports(client.received.at(-1)?.packet ?? Buffer.alloc(0)), [
    { forwarderSsrc: 0, streamSsrc: 21, newest: undefined },
    { forwarderSsrc: 0, streamSsrc: 22, newest: 77 },
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
    own: ownTo(relay.address),
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
  const table = { own: ownTo(relay.address), members: [memberAt('R', relay.address)] };
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
    },
  ]);
});

test('only RTCP of a member proves that it lives', async (t) => {
  await using member = await PlainPeer.open();
  await using stranger = await PlainPeer.open();
  const { events, apply, bound } = await open(t);
  apply({ members: [memberAt('B', member.address)] });
  await stranger.send(bound, receiverReport(5, []));
  await member.send(bound, receiverReport(6, []));
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
  const report = (ssrc: number) => senderReport(ssrc, 90_000, { packets: 5, bytes: 5, timestamp: 0, atMs: 0 }, 0, []);
  await liar.send(bound, report(11), Buffer.concat([report(12), report(21)]));
  await owner.send(bound, report(21), Buffer.concat([report(12), report(11)]));
  await until(() => senderReports.length >= 3);
  t.deepEqual(senderReports, [21, 12, 11]);
});

test('slices are missed only of streams that their owner sends us', async (t) => {
  await using owner = await PlainPeer.open();
  const { events, apply, bound } = await open(t, { expects: (_, name) => name === 'voice' });
  const streams = [stream('camera', 11), stream('voice', 12)];
  apply({ members: [memberAt('B', owner.address, streams)] });
  const report = (ssrc: number, packets: number) =>
    senderReport(ssrc, 90_000, { packets, bytes: 5, timestamp: 0, atMs: 0 }, 0, []);
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
  apply({ own: ownTo(relay.address), resendLimitBps: 1e7 });
  for (let sequence = 0; sequence < 4; sequence++) transport.send('voice', rtpPacket({ ssrc: VOICE, sequence }));
  port.send({
    ...{ type: 'transport.resend', ssrc: VOICE, afterSequence: 1, slices: ALL_SLICES },
    to: [receiver.address],
  });
  t.deepEqual((await receiver.take(2)).map(readSequence), [2, 3]);
});
