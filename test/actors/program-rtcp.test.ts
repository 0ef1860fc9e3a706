/** RTCP between a source and the program that feeds it, on real sockets. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import type { ProgramTime } from '../../actors/media/reports/own-reports.ts';
import type { StreamFormat } from '../../actors/options/contract.ts';
import { openRtpSource, type RtpSourceOptions } from '../../actors/source/rtp-source.ts';
import { readKeyFrameRequests } from '../../infra/rtcp/feedback.ts';
import { writeReport } from '../../infra/rtcp/reception-report.ts';
import { writeDescription } from '../../infra/rtcp/source-description.ts';
import { rtpPacket } from '../path/rig.ts';

const OURS = 0x1111_2222;
const THEIRS = 0xaaaa_bbbb;
const VP8: StreamFormat = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' };
const HOST = '127.0.0.1';

/** A source, and a program with a socket for RTP and one for RTCP beside it. */
async function open(t: ExecutionContext, changes: Partial<RtpSourceOptions> = {}) {
  const times: (ProgramTime | null)[] = [];
  const listening = { port: 0 };
  const sent: Uint8Array[] = [];
  const source = await openRtpSource({
    ...{ port: 0, ssrc: OURS, format: VP8, firstSequence: 0, firstTimestamp: 500, now: () => 1234 },
    ...{ payloadTypes: 'any', maxBps: 1_000_000 },
    send: (packet) => void sent.push(packet),
    onNews: (news) => {
      if (news.type === 'source.listening') listening.port = news.port;
    },
    onTime: (time) => void times.push(time),
    ...changes,
  });
  const [media, control] = [await bound(), await bound()];
  t.teardown(async () => {
    media.close();
    control.close();
    await source.close();
  });
  const begin = async () => {
    media.send(rtpPacket({ ssrc: THEIRS, sequence: 10 }), listening.port, HOST);
    while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  return { source, times, port: listening.port, media, control, begin };
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, HOST);
  await once(socket, 'listening');
  return socket;
}

/** What a program says of its stream: its timestamp 900 was at 5000 ms. */
const report = (ssrc: number) =>
  Buffer.concat([
    writeReport(ssrc, { unixMs: 5000, rtpTimestamp: 900, packets: 1, bytes: 1 }, []),
    writeDescription([ssrc], 'program'),
  ]);

const told = async (times: readonly unknown[], count: number) => {
  while (times.length < count) await new Promise((resolve) => setImmediate(resolve));
};

/** The first packet has timestamp 900 and gets 500. */
const TIME = { cname: 'program', unixMs: 5000, rtpTimestamp: 500, toldMs: 1234 };

test('the clock of a program is told as of our stream', async (t) => {
  const { times, control, port, begin } = await open(t);
  await begin();
  control.send(report(1), port, HOST);
  control.send(report(THEIRS), port, HOST);
  await told(times, 2);
  t.deepEqual(times, [null, TIME]);
});

test('what a program says before its first packet counts from then on', async (t) => {
  const { times, control, port, begin } = await open(t);
  control.send(report(THEIRS), port, HOST);
  await begin();
  await told(times, 2);
  t.deepEqual(times, [null, TIME]);
});

test('what was said of a clock counts no more once that was set back; the way to the program does', async (t) => {
  const { source, times, media, control, port, begin } = await open(t);
  await begin();
  control.send(report(THEIRS), port, HOST);
  await told(times, 2);
  const before = rtpPacket({ ssrc: THEIRS, sequence: 11 });
  const setBack = rtpPacket({ ssrc: THEIRS, sequence: 12 });
  new DataView(before.buffer, before.byteOffset).setUint32(4, 60_000);
  new DataView(setBack.buffer, setBack.byteOffset).setUint32(4, 30_000);
  media.send(before, port, HOST);
  media.send(setBack, port, HOST);
  await told(times, 3);
  t.is(source.requestKeyFrame(), 'asked');
  control.send(report(THEIRS), port, HOST);
  await told(times, 4);
  t.deepEqual(times.slice(0, 3), [null, TIME, null]);
  // 59,100 ticks after the first packet came another, and a tick later the one that says 30,000.
  t.like(times[3], { ...TIME, rtpTimestamp: (500 + 59_100 + 1 - 29_100) >>> 0 });
});

test('a program is asked for a key frame of its own stream, where its RTCP comes from', async (t) => {
  const { source, times, control, port, begin } = await open(t);
  t.is(source.requestKeyFrame(), 'needless');
  await begin();
  t.is(source.requestKeyFrame(), 'unreachable');
  control.send(report(THEIRS), port, HOST);
  await told(times, 2);
  const asked = once(control, 'message');
  t.is(source.requestKeyFrame(), 'asked');
  const [datagram, from] = await asked;
  t.deepEqual(readKeyFrameRequests(datagram, 8), [{ ssrc: THEIRS, number: null }]);
  t.is(from.port, port);
});

test('or where it was said', async (t) => {
  const elsewhere = await bound();
  const { source, begin } = await open(t, { rtcpTo: { host: HOST, port: elsewhere.address().port } });
  await begin();
  const asked = once(elsewhere, 'message');
  t.is(source.requestKeyFrame(), 'asked');
  const [datagram] = await asked;
  t.is(readKeyFrameRequests(datagram, 8).length, 1);
  elsewhere.close();
});

/** The system hands out even ports as often as odd ones, and mostly with a free one beside them. */
async function evenPort(): Promise<number> {
  for (;;) {
    const [socket, next] = [await bound(), createSocket('udp4')];
    const { port } = socket.address();
    const isFree = await new Promise<boolean>((resolve) => {
      next.once('error', () => resolve(false)).bind(port + 1, HOST, () => resolve(true));
    });
    next.close();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    if (port % 2 === 0 && isFree) return port;
  }
}

test('beside an even port RTCP is taken at the next one, and answered from there', async (t) => {
  const port = await evenPort();
  const { source, times, control, begin } = await open(t, { port });
  await begin();
  control.send(report(THEIRS), port + 1, HOST);
  await told(times, 2);
  const asked = once(control, 'message');
  source.requestKeyFrame();
  const [, from] = await asked;
  t.is(from.port, port + 1);
});

test('a port that somebody else has is no fault of ours, nor one that another source of ours may want', async (t) => {
  const port = await evenPort();
  const other = createSocket('udp4').bind(port + 1, HOST);
  await once(other, 'listening');
  const first = await open(t, { port });
  t.is(first.port, port);
  other.close();
  const second = await evenPort();
  await open(t, { port: second, takesNextPort: false });
  t.is((await open(t, { port: second + 1 })).port, second + 1);
});
