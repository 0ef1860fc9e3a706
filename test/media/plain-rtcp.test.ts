/** RTCP of plain endpoints on real sockets: to where they take it, never beside their RTP, and from there it counts as theirs. */
import test, { type ExecutionContext } from 'ava';
import { packetsOf } from '../../infra/rtcp/compound.ts';
import { readKeyFrameRequests, writePictureLoss } from '../../infra/rtcp/feedback.ts';
import { readReportBlocks, readSenderReports, writeReport } from '../../infra/rtcp/reception-report.ts';
import { isRtcp } from '../../infra/rtp/header.ts';
import type { StreamInfo } from '../../machines/messages.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { openTransport } from '../actors/transport-actor.ts';
import { memberAt, reachOptions } from '../actors/transport-members.ts';
import { LOOPBACK, PlainPeer, rtpPacket, until } from '../path/rig.ts';

const [CAMERA, THEIRS] = [1, 11];
/** Its packet type (RFC 3550 section 12.1). */
const GOODBYE = 203;
const FORMAT = { payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' } as const;
const STREAM: StreamInfo = {
  ...{ name: 'camera', ssrc: THEIRS, ...FORMAT },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
};

/** A transport, and a plain endpoint that takes RTP and RTCP at two ports. */
async function open(t: ExecutionContext) {
  const rtp = await PlainPeer.open();
  const rtcp = await PlainPeer.open();
  t.teardown(() => Promise.all([rtp[Symbol.asyncDispose](), rtcp[Symbol.asyncDispose]()]));
  const asked: string[] = [];
  const opened = await openTransport(t, {
    listen: { host: LOOPBACK, port: 0 },
    kind: 'dgram',
    latency: 'auto',
    reach: reachOptions(),
    deliver: () => undefined,
    onSenderReport: () => undefined,
    askSource: (stream) => {
      asked.push(stream);
      return 'asked';
    },
    onMissing: () => undefined,
    expects: () => true,
    onRates: () => undefined,
  });
  const phone = { ...memberAt('D', rtp.address, [STREAM], false), rtcp: rtcp.address };
  const hops = [{ peer: 'D', slices: ALL_SLICES }];
  const format = { media: 'video' as const, codec: FORMAT.codec };
  const own = [{ stream: 'camera', ssrc: CAMERA, ...format, rateBps: 0, holders: [], hops }];
  return { ...opened, rtp, rtcp, asked, phone, own };
}

const reports = ({ received }: PlainPeer) => received.map(({ packet }) => packet);

test('a peer that shows nothing reports to the RTCP port, and sends the RTP port nothing', async (t) => {
  const { apply, rtp, rtcp, phone } = await open(t);
  apply({ members: [phone] });
  await rtcp.take(2);
  t.true(reports(rtcp).every((packet) => isRtcp(packet)));
  t.deepEqual(rtp.received, []);
});

test('media goes to the RTP port, and what is said of it, of theirs and at its end to the RTCP port', async (t) => {
  const { apply, transport, bound, rtp, rtcp, phone, own } = await open(t);
  apply({ members: [phone], own });
  await rtp.send(bound, rtpPacket({ ssrc: THEIRS, sequence: 1 }));
  transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence: 1 }));
  await until(() => reports(rtcp).some((packet) => readReportBlocks(packet, 1)[0]?.ssrc === THEIRS));
  t.true(reports(rtcp).some((packet) => readSenderReports(packet, 1)[0]?.ssrc === CAMERA));
  transport.keyFrames.request('D', 'camera');
  await until(() => reports(rtcp).some((packet) => readKeyFrameRequests(packet, 1)[0]?.ssrc === THEIRS));
  apply({ members: [phone] });
  const isGoodbye = (packet: Uint8Array) => [...packetsOf(packet)].some((one) => one[1] === GOODBYE);
  await until(() => reports(rtcp).some(isGoodbye));
  t.is(rtp.received.length, 1);
  t.false(rtp.received.some(({ packet }) => isRtcp(packet)));
});

test('feedback from the RTCP port is the endpoint’s, and from the port beside it nobody’s', async (t) => {
  const { apply, transport, bound, rtcp, asked, phone, own } = await open(t);
  await using stranger = await PlainPeer.open();
  apply({ members: [phone], own });
  const block = {
    ssrc: CAMERA,
    fractionLost: 64,
    packetsLost: 1,
    highestSequence: 4,
    jitter: 0,
    lastReport: 0,
    delaySinceLastReport: 0,
  };
  for (let sequence = 1; sequence <= 4; sequence += 1) transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence }));
  await stranger.send(bound, writePictureLoss(5, CAMERA), writeReport(5, null, [block]));
  await rtcp.send(bound, writeReport(THEIRS, null, [block]), writePictureLoss(THEIRS, CAMERA));
  await until(() => asked.length > 0);
  t.deepEqual(asked, ['camera']);
  t.is(transport.path.counters().dropped.unknownAddress, 2);
  t.like(transport.receivers.receiverReportsOf('D'), [{ stream: 'camera', loss: 0.25 }]);
});
