/** Feedback between transports on real sockets: hop by hop, to those who speak it, and whose is believed. */
import test, { type ExecutionContext } from 'ava';
import type { PacketPath } from '../../../infra/path/contract.ts';
import { readArrivalReports, writeArrivalReport } from '../../../infra/rtcp/arrival-report.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import type { Feedback, Sent } from '../../../machines/uplink/contract.ts';
import { openTransport } from '../../actors/transport-actor.ts';
import { memberAt, reachOptions } from '../../actors/transport-members.ts';
import { KINDS, LOOPBACK, PlainPeer, rtpPacket, until } from '../../path/rig.ts';

const CAMERA = 7;
const PADDING = 99;
const STREAM = {
  ...{ name: 'camera', ssrc: CAMERA, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' as const },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
};
const ownTo = (peer: string) => [
  {
    ...{ stream: 'camera', ssrc: CAMERA, media: 'video' as const, codec: 'VP8/90000', rateBps: 0 },
    holders: [],
    hops: [{ peer, slices: ALL_SLICES }],
  },
];

/** A transport under a parent, and what its uplink hears. */
async function open(t: ExecutionContext, kind: PacketPath['kind'], id: string) {
  const sent: Sent[] = [];
  const reports: Feedback[] = [];
  const opened = await openTransport(t, {
    ...{ listen: { host: LOOPBACK, port: 0 }, kind, latency: 'auto', reach: reachOptions(id) },
    ...{ deliver: () => undefined, onSenderReport: () => undefined, askSource: () => 'asked' },
    ...{ onMissing: () => undefined, expects: () => true, onRates: () => undefined },
    uplink: { sent: (packets) => void sent.push(...packets), reported: (report) => void reports.push(report) },
  });
  return { ...opened, sent, reports };
}

/** By leg, stream and number, each once, and of it when it came. */
const arrivedOf = (reports: readonly Feedback[]) =>
  new Map(
    reports.flatMap(({ leg, packets }) =>
      packets.flatMap(({ ssrc, seq, arrivedAtMs }): [string, number | 'sometime'][] =>
        arrivedAtMs === undefined ? [] : [[`${leg} ${ssrc} ${seq}`, arrivedAtMs]],
      ),
    ),
  );

for (const kind of KINDS) {
  test(`${kind}: a source hears of its relay what came there, and the relay of its receiver, and neither more`, async (t) => {
    const source = await open(t, kind, 'S');
    const relay = await open(t, kind, 'R');
    const receiver = await open(t, kind, 'B');
    const asMember = (id: string, { bound }: Awaited<ReturnType<typeof open>>) =>
      memberAt(id, bound, id === 'S' ? [STREAM] : []);
    source.apply({ own: ownTo('R'), members: [asMember('R', relay), asMember('B', receiver)] });
    relay.apply({
      relayed: [
        {
          ...{ client: 'S', stream: 'camera', ssrc: CAMERA, media: 'video', promisedBps: 1e6, limitBps: 1e6 },
          legs: [{ receiver: 'B', slices: ALL_SLICES }],
        },
      ],
      members: [asMember('S', source), asMember('B', receiver)],
    });
    receiver.apply({ members: [asMember('S', source), asMember('R', relay)] });
    for (const sequence of [65_534, 65_535, 0, 1])
      source.transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence, payload: 100 }));
    source.transport.path.sendPadding(PADDING, 5, 1000, relay.bound);
    const numbers = [65_534, 65_535, 0, 1].map((seq) => `${CAMERA} ${seq}`);
    const atRelay = [...numbers.map((each) => `R ${each}`), `R ${PADDING} 5`];
    const atReceiver = numbers.map((each) => `B ${each}`);
    await until(() => arrivedOf(source.reports).size >= 5 && arrivedOf(relay.reports).size >= 4);
    t.deepEqual([...arrivedOf(source.reports).keys()].sort(), atRelay.sort());
    t.deepEqual([...arrivedOf(relay.reports).keys()].sort(), atReceiver.sort());
    t.deepEqual(
      source.sent.map(({ leg, ssrc, seq, bytes, resent }) => [leg, ssrc, seq, bytes, resent]),
      [...[65_534, 65_535, 0, 1].map((seq) => ['R', CAMERA, seq, 140, false]), ['R', PADDING, 5, 1028, false]],
    );
    t.deepEqual([receiver.sent.length, receiver.reports.length], [0, 0]);
    t.is(source.transport.feedback.malformed + relay.transport.feedback.stale, 0);
  });
}

test('a plain endpoint gets no feedback, and what it says of arrivals is not believed; nor is a stranger', async (t) => {
  const peer = await open(t, 'dgram', 'A');
  await using phone = await PlainPeer.open();
  await using member = await PlainPeer.open();
  await using stranger = await PlainPeer.open();
  peer.apply({ members: [memberAt('P', phone.address, [STREAM], false), memberAt('B', member.address)] });
  const report = writeArrivalReport({
    ...{ senderSsrc: 1, shortNtp: 2 },
    streams: [{ ssrc: CAMERA, first: 1, arrivals: [0] }],
  });
  await phone.send(peer.bound, report, rtpPacket({ ssrc: CAMERA, sequence: 1 }));
  await stranger.send(peer.bound, report);
  await member.send(peer.bound, rtpPacket({ ssrc: PADDING, sequence: 1 }), report);
  await until(
    () => peer.reports.length > 0 && member.received.some(({ packet }) => readArrivalReports(packet).length > 0),
  );
  t.deepEqual(
    peer.reports.map(({ leg }) => leg),
    ['B'],
  );
  t.false(phone.received.some(({ packet }) => readArrivalReports(packet).length > 0));
  t.is(peer.transport.path.counters().dropped.unknownAddress, 1);
});
