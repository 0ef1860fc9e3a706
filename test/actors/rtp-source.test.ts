import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import type { StreamFormat } from '../../actors/options/contract.ts';
import type { SourceNews } from '../../actors/source/contract.ts';
import { MAX_PROGRAM_PACKET_BYTES, openRtpSource } from '../../actors/source/rtp-source.ts';
import { PathError } from '../../infra/path/errors.ts';
import { readMarker, readPayloadType, readSequence, readSsrc, readTimestamp } from '../../infra/rtp/header.ts';
import { writePayloadType, writePlainHeader, writeSequence, writeSsrc, writeTimestamp } from '../../infra/rtp/write.ts';

const OURS = 0x1111_2222;
const THEIRS = 0xaaaa_bbbb;
const VP8: StreamFormat = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' };

interface Fields {
  readonly ssrc?: number;
  readonly sequence: number;
  readonly timestamp?: number;
  readonly bytes?: number;
}

function rtp({ ssrc = THEIRS, sequence, timestamp = 0, bytes = 100 }: Fields): Uint8Array {
  const packet = new Uint8Array(bytes).fill(7);
  writePlainHeader(packet);
  writePayloadType(packet, 33, sequence % 2 === 0);
  writeSequence(packet, sequence);
  writeTimestamp(packet, timestamp);
  writeSsrc(packet, ssrc);
  return packet;
}

/** A source on a free port, and a program beside it. */
async function open(port = 0) {
  const sent: Buffer[] = [];
  const news: SourceNews[] = [];
  const clock = { ms: 0 };
  const source = await openRtpSource({
    ...{ port, ssrc: OURS, format: VP8, firstSequence: 65_534, firstTimestamp: 1000 },
    send: (packet) => void sent.push(Buffer.from(packet)),
    onNews: (one) => void news.push(one),
    now: () => clock.ms,
  });
  const listening = news.find((one) => one.type === 'source.listening');
  return { sent, news, clock, source, port: listening?.port ?? 0 };
}

const program = (family: 4 | 6 = 4): Socket => createSocket(`udp${family}`);

/** Sends, and waits until the source has looked at all that was sent to it so far. */
async function feed({ source, port }: Awaited<ReturnType<typeof open>>, socket: Socket, ...packets: Uint8Array[]) {
  const seen = () => {
    const { packets: taken, rejected } = source.counters();
    return taken + rejected.notRtp + rejected.tooLong + rejected.otherStream;
  };
  const goal = seen() + packets.length;
  const host = socket.address().family === 'IPv6' ? '::1' : '127.0.0.1';
  for (const packet of packets) socket.send(packet, port, host);
  while (seen() < goal) await new Promise((resolve) => setImmediate(resolve));
}

async function bound(family: 4 | 6 = 4): Promise<Socket> {
  const socket = program(family);
  socket.bind(0, family === 6 ? '::1' : '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

test('publishes a program under our SSRC and payload type, all else as it came', async (t) => {
  const rig = await open();
  const socket = await bound();
  await feed(rig, socket, rtp({ sequence: 4, timestamp: 90 }), rtp({ sequence: 5, timestamp: 3090 }));
  t.deepEqual(rig.sent.map(readSequence), [65_534, 65_535]);
  t.deepEqual(rig.sent.map(readTimestamp), [1000, 4000]);
  t.deepEqual(rig.sent.map(readMarker), [true, false]);
  t.true(rig.sent.every((packet) => readSsrc(packet) === OURS && readPayloadType(packet) === 96));
  t.true(rig.sent.every((packet) => packet.length === 100 && packet.subarray(12).every((byte) => byte === 7)));
  t.like(rig.source.counters(), { packets: 2, bytes: 200 });
  t.like(rig.news[1], { type: 'source.started', ssrc: THEIRS });
  socket.close();
  await rig.source.close();
});

test('a program started anew goes on with the next number and the time that has passed', async (t) => {
  const rig = await open();
  const socket = await bound();
  await feed(rig, socket, rtp({ sequence: 4, timestamp: 90 }));
  rig.clock.ms += 2000;
  await feed(
    rig,
    socket,
    rtp({ ssrc: 5, sequence: 30_000, timestamp: 77 }),
    rtp({ ssrc: 5, sequence: 30_001, timestamp: 3077 }),
  );
  t.deepEqual(rig.sent.map(readSequence), [65_534, 65_535, 0]);
  t.deepEqual(rig.sent.map(readTimestamp), [1000, 181_000, 184_000]);
  t.is(rig.news.filter(({ type }) => type === 'source.started').length, 2);
  socket.close();
  await rig.source.close();
});

test('a restart under the same SSRC is seen by its jump; lost and late packets are not', async (t) => {
  const rig = await open();
  const socket = await bound();
  await feed(
    rig,
    socket,
    rtp({ sequence: 100 }),
    rtp({ sequence: 103 }),
    rtp({ sequence: 102 }),
    rtp({ sequence: 50_000 }),
  );
  t.deepEqual(rig.sent.map(readSequence), [65_534, 1, 0, 2]);
  socket.close();
  await rig.source.close();
});

test('a second program beside the first is turned away', async (t) => {
  const rig = await open();
  const socket = await bound();
  await feed(rig, socket, rtp({ sequence: 1 }), rtp({ ssrc: 5, sequence: 2 }), rtp({ sequence: 2 }));
  t.is(rig.sent.length, 2);
  t.is(rig.source.counters().rejected.otherStream, 1);
  t.like(rig.news.at(-1), { type: 'source.rejected', reason: 'otherStream' });
  socket.close();
  await rig.source.close();
});

test('what is no RTP is counted and dropped', async (t) => {
  const rig = await open();
  const socket = await bound();
  const wrongVersion = rtp({ sequence: 1 });
  wrongVersion[0] = 0x40;
  const cutExtension = rtp({ sequence: 1, bytes: 14 });
  cutExtension[0] = 0x90;
  await feed(rig, socket, new Uint8Array(11), new Uint8Array(0), wrongVersion, cutExtension);
  await feed(rig, socket, rtp({ sequence: 1, bytes: MAX_PROGRAM_PACKET_BYTES + 1 }));
  t.deepEqual(rig.source.counters().rejected, { notRtp: 4, tooLong: 1, otherStream: 0 });
  t.is(rig.sent.length, 0);
  socket.close();
  await rig.source.close();
});

test('reports of the program are no fault, and are not sent on', async (t) => {
  const rig = await open();
  const socket = await bound();
  const report = new Uint8Array(28);
  report.set([0x80, 200, 0, 6]);
  socket.send(report, rig.port, '127.0.0.1');
  await feed(rig, socket, rtp({ sequence: 1 }));
  t.is(rig.sent.length, 1);
  t.deepEqual(rig.source.counters().rejected, { notRtp: 0, tooLong: 0, otherStream: 0 });
  socket.close();
  await rig.source.close();
});

test('IPv6 programs are heard on the same port', async (t) => {
  const rig = await open();
  const socket = await bound(6).catch(() => undefined);
  if (socket === undefined) {
    t.pass('no IPv6 on this machine');
  } else {
    await feed(rig, socket, rtp({ sequence: 1 }));
    t.is(rig.sent.length, 1);
    socket.close();
  }
  await rig.source.close();
});

test('a port that another program has is an error that says so', async (t) => {
  const socket = await bound();
  const { port } = socket.address();
  const error = await t.throwsAsync(open(port), { instanceOf: PathError });
  t.is(error.code, 'port.in-use');
  t.regex(error.message, new RegExp(`port ${port}`));
  socket.close();
});

test('closing gives the port back, twice is as good as once', async (t) => {
  const rig = await open();
  await Promise.all([rig.source.close(), rig.source.close()]);
  const again = await open(rig.port);
  t.is(again.port, rig.port);
  await again.source.close();
});
