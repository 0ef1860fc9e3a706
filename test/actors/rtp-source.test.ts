import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import type { StreamFormat } from '../../actors/options/contract.ts';
import { NOTHING_REJECTED, type SourceNews } from '../../actors/source/contract.ts';
import { MAX_PROGRAM_PACKET_BYTES, openRtpSource, type RtpSourceOptions } from '../../actors/source/rtp-source.ts';
import { PathError } from '../../infra/path/errors.ts';
import { readMarker, readPayloadType, readSequence, readSsrc, readTimestamp } from '../../infra/rtp/header.ts';
import { writePayloadType, writePlainHeader, writeSequence, writeSsrc, writeTimestamp } from '../../infra/rtp/write.ts';

const OURS = 0x1111_2222;
const THEIRS = 0xaaaa_bbbb;
const VP8: StreamFormat = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' };

interface Fields {
  readonly ssrc?: number;
  readonly payloadType?: number;
  readonly sequence: number;
  readonly timestamp?: number;
  readonly bytes?: number;
}

function rtp({ ssrc = THEIRS, payloadType = 33, sequence, timestamp = 0, bytes = 100 }: Fields): Uint8Array {
  const packet = new Uint8Array(bytes).fill(7);
  writePlainHeader(packet);
  writePayloadType(packet, payloadType, sequence % 2 === 0);
  writeSequence(packet, sequence);
  writeTimestamp(packet, timestamp);
  writeSsrc(packet, ssrc);
  return packet;
}

/** A source on a free port, and a program beside it. */
async function open(options: Partial<RtpSourceOptions> = {}) {
  const sent: Buffer[] = [];
  const news: SourceNews[] = [];
  const clock = { ms: 0 };
  const source = await openRtpSource({
    ...{ port: 0, ssrc: OURS, format: VP8, firstSequence: 65_534, firstTimestamp: 1000 },
    ...{ payloadTypes: 'any', maxBps: 1_000_000 },
    send: (packet) => void sent.push(Buffer.from(packet)),
    onNews: (one) => void news.push(one),
    now: () => clock.ms,
    ...options,
  });
  const listening = news.find((one) => one.type === 'source.listening');
  return { sent, news, clock, source, port: listening?.port ?? 0 };
}

const program = (family: 4 | 6 = 4): Socket => createSocket(`udp${family}`);

/** Sends, and waits until the source has looked at all that was sent to it so far. */
async function feed({ source, port }: Awaited<ReturnType<typeof open>>, socket: Socket, ...packets: Uint8Array[]) {
  const seen = () => {
    const { packets: taken, reports, rejected } = source.counters();
    return Object.values(rejected).reduce((sum, count) => sum + count, taken + reports);
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
  t.deepEqual(rig.source.counters().rejected, { ...NOTHING_REJECTED, notRtp: 4, tooLong: 1 });
  t.is(rig.sent.length, 0);
  socket.close();
  await rig.source.close();
});

test('reports of the program are no fault, and are not sent on', async (t) => {
  const rig = await open();
  const socket = await bound();
  const report = new Uint8Array(28);
  report.set([0x80, 200, 0, 6]);
  // Of who sends nothing and hears nobody: the shortest that there is (RFC 3550 section 6.4.2).
  const empty = Uint8Array.from([0x80, 201, 0, 1, 0, 0, 0, 9]);
  await feed(rig, socket, report, empty, rtp({ sequence: 1 }));
  t.is(rig.sent.length, 1);
  t.like(rig.source.counters(), { reports: 2, rejected: NOTHING_REJECTED });
  socket.close();
  await rig.source.close();
});

test('garbage of every kind is counted, whatever its length, and the program plays on', async (t) => {
  const rig = await open({ payloadTypes: 'declared' });
  const socket = await bound();
  const voice = (sequence: number) => rtp({ payloadType: 96, sequence, timestamp: 3000 * sequence });
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 8;
  };
  const junk = Array.from({ length: 200 }, (_, index) => {
    const bytes = new Uint8Array(index % 10 === 0 ? 60_000 : random() % 1500).map(random);
    // Half of them look like RTP or RTCP at first sight.
    if (index % 2 === 0) bytes[0] = 0x80 | (random() & 0x3f);
    return bytes;
  });
  await feed(rig, socket, voice(0), voice(1));
  for (const [index, one] of junk.entries()) {
    rig.clock.ms += 33;
    await feed(rig, socket, one, voice(index + 2));
  }
  const { packets, reports, rejected } = rig.source.counters();
  const left = Object.values(rejected).reduce((sum, count) => sum + count, 0);
  t.is(packets + reports + left, 2 + 2 * junk.length);
  t.true(rejected.notRtp > 0 && rejected.tooLong > 0);
  // Ours is what begins with sevens: the program's, all of it, and in order.
  t.is(rig.sent.filter((packet) => packet.subarray(12).every((byte) => byte === 7)).length, 2 + junk.length);
  t.true(rig.sent.length <= 4 + junk.length);
  const numbers = rig.sent.map((packet) => (readSequence(packet) + 2) & 0xffff);
  t.deepEqual(numbers, [...numbers.keys()]);
  socket.close();
  await rig.source.close();
});

test('what carries nothing, as keeps a NAT open or tries a network, is counted and leaves no hole', async (t) => {
  const rig = await open();
  const socket = await bound();
  const padded = rtp({ sequence: 3 });
  padded[0] = 0xa0;
  padded[99] = 88;
  const stream = [rtp({ sequence: 1 }), rtp({ sequence: 2, bytes: 12 }), padded, rtp({ sequence: 4 })];
  await feed(rig, socket, ...stream);
  t.deepEqual(rig.sent.map(readSequence), [65_534, 65_535]);
  t.deepEqual(rig.source.counters().rejected, { ...NOTHING_REJECTED, empty: 2 });
  t.is(rig.news.filter(({ type }) => type === 'source.rejected').length, 0);
  socket.close();
  await rig.source.close();
});

test('what comes late of the program before its new start is counted and plays nowhere', async (t) => {
  const rig = await open();
  const socket = await bound();
  const before = [1, 2, 4].map((sequence) => rtp({ sequence, timestamp: 3000 * sequence }));
  const after = [5, 6].map((sequence) => rtp({ sequence, timestamp: 3_000_000_000 + 3000 * sequence }));
  await feed(rig, socket, ...before, after[0] ?? rtp({ sequence: 5 }), rtp({ sequence: 3, timestamp: 9000 }));
  await feed(rig, socket, after[1] ?? rtp({ sequence: 6 }));
  t.deepEqual(rig.sent.map(readSequence), [65_534, 65_535, 1, 2, 3]);
  t.deepEqual(rig.source.counters().rejected, { ...NOTHING_REJECTED, late: 1 });
  socket.close();
  await rig.source.close();
});

test('padding that is longer than the packet makes it no RTP', async (t) => {
  const rig = await open();
  const socket = await bound();
  const padded = rtp({ sequence: 1 });
  padded[0] = 0xa0;
  padded[99] = 89;
  await feed(rig, socket, padded);
  t.like(rig.source.counters(), { packets: 0, rejected: { notRtp: 1 } });
  socket.close();
  await rig.source.close();
});

test('only the declared payload type is the stream: others are counted, and leave no hole', async (t) => {
  const rig = await open({ payloadTypes: 'declared' });
  const socket = await bound();
  const types = [96, 96, 101, 101, 96, 13, 96];
  await feed(rig, socket, ...types.map((payloadType, sequence) => rtp({ payloadType, sequence, timestamp: sequence })));
  t.deepEqual(rig.sent.map(readSequence), [65_534, 65_535, 0, 1]);
  t.deepEqual(rig.sent.map(readTimestamp), [1000, 1001, 1004, 1006]);
  const { rejected, otherPayloads } = rig.source.counters();
  t.is(rejected.otherPayload, 3);
  t.deepEqual(
    [...otherPayloads],
    [
      [101, 2],
      [13, 1],
    ],
  );
  t.like(rig.news.at(-1), { type: 'source.rejected', reason: 'otherPayload', payloadType: 13, declared: 96 });
  socket.close();
  await rig.source.close();
});

test('a voice that sends events goes on: another does not take its place meanwhile', async (t) => {
  const rig = await open({ payloadTypes: 'declared' });
  const socket = await bound();
  let sequence = 0;
  const voice = async (payloadType: number) => {
    await feed(rig, socket, rtp({ payloadType, sequence, timestamp: 1800 * sequence }));
    rig.clock.ms += 20;
    sequence++;
  };
  for (let count = 0; count < 50; count++) await voice(96);
  for (let count = 0; count < 50; count++) await voice(101);
  await feed(rig, socket, rtp({ ssrc: 5, payloadType: 96, sequence: 1 }));
  await voice(96);
  t.is(rig.source.counters().rejected.otherStream, 1);
  t.is(rig.sent.length, 51);
  socket.close();
  await rig.source.close();
});

test('H.264 whose parameter sets never come is told once', async (t) => {
  const rig = await open({ format: { ...VP8, codec: { name: 'H264', clockRate: 90_000 } } });
  const socket = await bound();
  for (let sequence = 0; sequence < 20; sequence++) {
    const picture = rtp({ sequence, timestamp: 3000 * sequence });
    picture[12] = 0x65;
    await feed(rig, socket, picture);
    rig.clock.ms += 33;
  }
  t.deepEqual(
    rig.news.filter(({ type }) => type === 'source.undecodable'),
    [{ type: 'source.undecodable', codec: 'H.264' }],
  );
  socket.close();
  await rig.source.close();
});

test('a program that starts again under its SSRC plays on at once, under numbers that go on', async (t) => {
  for (const first of [1000, 1500]) {
    const rig = await open();
    const socket = await bound();
    const run = async (sequence: number, timestamp: number) => {
      for (let count = 0; count < 90; count++) {
        await feed(rig, socket, rtp({ sequence: sequence + count, timestamp: (timestamp + 1800 * count) >>> 0 }));
        rig.clock.ms += 20;
      }
    };
    await run(1000, 5000);
    rig.clock.ms += 2000;
    await run(first, 3_000_000_000);
    const numbers = rig.sent.map((packet) => (readSequence(packet) + 2) & 0xffff);
    t.deepEqual(numbers, [...Array.from({ length: 180 }).keys()]);
    const [before, after] = rig.sent.slice(89, 91).map(readTimestamp);
    t.is((after ?? 0) - (before ?? 0), 2.02 * 90_000);
    socket.close();
    await rig.source.close();
  }
});

test('a payload type that never comes is told once, with the one that does, after two seconds', async (t) => {
  const rig = await open({ payloadTypes: 'declared' });
  const socket = await bound();
  for (let sequence = 0; sequence < 100; sequence++) {
    await feed(rig, socket, rtp({ payloadType: 97, sequence }));
    rig.clock.ms += 40;
  }
  t.is(rig.sent.length, 0);
  t.deepEqual(
    rig.news.map(({ type }) => type),
    ['source.listening', 'source.mismatched'],
  );
  t.like(rig.news[1], { payloadType: 97, declared: 96 });
  socket.close();
  await rig.source.close();
});

test('comfort noise before the first word is no mistake', async (t) => {
  const rig = await open({ payloadTypes: 'declared' });
  const socket = await bound();
  for (let sequence = 0; sequence < 30; sequence++) {
    await feed(rig, socket, rtp({ payloadType: 13, sequence }));
    rig.clock.ms += 200;
  }
  t.false(rig.news.some(({ type }) => type === 'source.mismatched'));
  t.is(rig.source.counters().otherPayloads.get(13), 30);
  socket.close();
  await rig.source.close();
});

test("where none was declared, the program's own payload type stands for ours, until ours itself comes", async (t) => {
  const rig = await open();
  const socket = await bound();
  // Comfort noise, then sound with events between; then what we would have declared.
  const types = [13, 97, 101, 97, 96, 97, 96];
  await feed(rig, socket, ...types.map((payloadType, sequence) => rtp({ payloadType, sequence, timestamp: sequence })));
  t.deepEqual(
    rig.sent.map((packet) => readTimestamp(packet) - 999),
    [1, 3, 4, 6],
  );
  t.true(rig.sent.every((packet) => readPayloadType(packet) === 96));
  rig.clock.ms += 1000;
  // The program is started anew, and has chosen another.
  await feed(rig, socket, rtp({ ssrc: 5, payloadType: 33, sequence: 1 }));
  t.is(rig.sent.length, 5);
  socket.close();
  await rig.source.close();
});

test('who sends more than there is room for is told once, until it has been within it again', async (t) => {
  const rig = await open({ maxBps: 1_000_000 });
  const socket = await bound();
  let sequence = 0;
  /** 50 packets a second, each of so many bytes. */
  const run = async (seconds: number, bytes: number) => {
    for (let count = 0; count < 50 * seconds; count++) {
      rig.clock.ms += 20;
      sequence++;
      await feed(rig, socket, rtp({ sequence, timestamp: 1800 * sequence, bytes }));
    }
  };
  const told = () => rig.news.filter(({ type }) => type === 'source.exceeded');
  await run(10, 1250);
  t.is(rig.source.measuredBps(), 500_000);
  rig.source.setRate(400_000);
  await run(10, 1250);
  t.deepEqual(told(), [{ type: 'source.exceeded', measuredBps: 500_000, limitBps: 400_000 }]);
  await run(5, 900);
  await run(10, 1250);
  t.is(told().length, 2);
  // Nobody receives it: what it costs then is nobody's loss.
  rig.source.setRate(0);
  await run(5, 1250);
  t.is(told().length, 2);
  socket.close();
  await rig.source.close();
});

test('a peak of a second is no excess', async (t) => {
  const rig = await open({ maxBps: 400_000 });
  const socket = await bound();
  let sequence = 0;
  for (const bytes of [900, 900, 1400, 900, 900]) {
    for (let count = 0; count < 50; count++) {
      rig.clock.ms += 20;
      sequence++;
      await feed(rig, socket, rtp({ sequence, timestamp: 1800 * sequence, bytes }));
    }
  }
  t.is(rig.news.filter(({ type }) => type === 'source.exceeded').length, 0);
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
  const error = await t.throwsAsync(open({ port }), { instanceOf: PathError });
  t.is(error.code, 'port.in-use');
  t.regex(error.message, new RegExp(`port ${port}`));
  socket.close();
});

test('closing gives the port back, twice is as good as once', async (t) => {
  const rig = await open();
  await Promise.all([rig.source.close(), rig.source.close()]);
  const again = await open({ port: rig.port });
  t.is(again.port, rig.port);
  await again.source.close();
});
