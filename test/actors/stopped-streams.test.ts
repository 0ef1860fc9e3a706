/** A stream that stops, on real sockets: its owner is told, and believes it where it has sent. */
import test, { type ExecutionContext } from 'ava';
import { readStoppedReport, writeStoppedReport } from '../../infra/rtcp/stopped-report.ts';
import type { StreamInfo } from '../../machines/messages.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { LOOPBACK, PlainPeer, rtpPacket, until } from '../path/rig.ts';
import { openTransport } from './transport-actor.ts';
import { memberAt, reachOptions } from './transport-members.ts';

const CAMERA = 1;

const open = (t: ExecutionContext) =>
  openTransport(t, {
    listen: { host: LOOPBACK, port: 0 },
    kind: 'dgram',
    latency: 'auto',
    reach: reachOptions(),
    deliver: () => undefined,
    onSenderReport: () => undefined,
    askSource: () => 'asked',
    onMissing: () => undefined,
    expects: () => true,
    onRates: () => undefined,
  });

const camera = (ssrc: number): StreamInfo => ({
  ...{ name: 'camera', ssrc, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
});

test('an owner is told how far its stream has come when that stops while others go on', async (t) => {
  await using owner = await PlainPeer.open();
  await using other = await PlainPeer.open();
  const { apply, bound } = await open(t);
  apply({ members: [memberAt('B', owner.address, [camera(11)]), memberAt('C', other.address, [camera(21)])] });
  const toldTo = ({ received }: PlainPeer) => received.flatMap(({ packet }) => readStoppedReport(packet, 8));
  let sequence = 0;
  const stop = 30;
  while (toldTo(owner).length === 0) {
    if (sequence < stop) await owner.send(bound, rtpPacket({ ssrc: 11, sequence }));
    await other.send(bound, rtpPacket({ ssrc: 21, sequence }));
    sequence += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  t.like(toldTo(owner)[0], { ssrc: 11, newest: stop - 1 });
  t.deepEqual(toldTo(other), []);
});

test('who is told so knows whether anything has left that should have come', async (t) => {
  await using receiver = await PlainPeer.open();
  await using stranger = await PlainPeer.open();
  const { transport, events, apply, bound } = await open(t);
  const own = { stream: 'camera', ssrc: CAMERA, media: 'video' as const, codec: 'VP8/90000', rateBps: 0, holders: [] };
  apply({
    own: [{ ...own, hops: [{ peer: 'B', slices: ALL_SLICES }] }],
    members: [memberAt('B', receiver.address)],
  });
  for (let sequence = 100; sequence < 110; sequence++) transport.send('camera', rtpPacket({ ssrc: CAMERA, sequence }));
  const stopped = (newest: number) => writeStoppedReport(9, [{ ssrc: CAMERA, newest, quietMs: 5000 }]);
  await stranger.send(bound, stopped(100));
  // After this one nothing has left.
  await receiver.send(bound, stopped(109), stopped(103));
  const told = () => events.filter(({ type }) => type === 'legs.withheld');
  await until(() => told().length > 0);
  t.deepEqual(told(), [
    {
      ...{ type: 'legs.withheld', receiver: 'B', ssrc: CAMERA, relays: [] },
      acknowledged: [{ ssrc: CAMERA, sequence: 103 }],
    },
  ]);
});

test('what is told is read as it was meant, and no more of it than is allowed', (t) => {
  const said = [
    { ssrc: 0xffff_ffff, newest: 65_535, quietMs: 80 },
    { ssrc: 2, newest: 0, quietMs: 65_535 },
  ];
  t.deepEqual(readStoppedReport(writeStoppedReport(9, said), 8), said);
  t.deepEqual(readStoppedReport(writeStoppedReport(9, said), 1), said.slice(0, 1));
  t.deepEqual(readStoppedReport(writeStoppedReport(9, said).subarray(0, 19), 8), []);
  t.is(readStoppedReport(writeStoppedReport(9, [{ ssrc: 1, newest: 1, quietMs: 1e9 }]), 8)[0]?.quietMs, 65_535);
});
