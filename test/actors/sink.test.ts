import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { SinkSpec } from '../../actors/options/contract.ts';
import { type RemoteStream, SinkError, type SinkNews } from '../../actors/sink/contract.ts';
import { openSink } from '../../actors/sink/open.ts';
import { packetsOf } from '../../infra/rtcp/compound.ts';
import { writeReport } from '../../infra/rtcp/reception-report.ts';
import { readCnames, writeDescription, writeGoodbye } from '../../infra/rtcp/source-description.ts';
import { readSequence, readSsrc } from '../../infra/rtp/header.ts';
import { writePlainHeader, writeSequence, writeSsrc } from '../../infra/rtp/write.ts';
import { UdpPlayer } from './udp-player.ts';

const stream = (peer: string, ssrc: number, name = 'camera'): RemoteStream => ({
  ...{ peer, stream: name, ssrc, media: 'video', payloadType: 96, fmtp: '', group: null },
  codec: { name: 'VP8', clockRate: 90_000 },
});

/** That a player may ask for them. */
const KEY_FRAMES = ['a=rtcp-fb:96 nack pli', 'a=rtcp-fb:96 ccm fir'];

function rtp(ssrc: number, sequence = 0): Uint8Array {
  const packet = new Uint8Array(50).fill(9);
  writePlainHeader(packet);
  packet[1] = 96;
  writeSequence(packet, sequence);
  writeSsrc(packet, ssrc);
  return packet;
}

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'rpr-sink-'));
}

/** A sink that writes its files to a new folder, with all that it tells. */
async function open(specOf: (sdpFolder: string) => SinkSpec = (sdpFolder) => ({ kind: 'sdp', sdpFolder })) {
  const sdpFolder = await folder();
  const news: SinkNews[] = [];
  const sink = await openSink(specOf(sdpFolder), (one) => void news.push(one));
  const portOf = (peer: string, name = 'camera') => {
    const opened = news.findLast((one) => one.type === 'sink.opened' && one.peer === peer && one.stream === name);
    return opened?.type === 'sink.opened' ? Number(opened.to.split(':').at(-1)) : 0;
  };
  const play = (...streams: readonly RemoteStream[]) => {
    sink.setStreams(streams);
    return sink.settled();
  };
  const files = async () => (await readdir(sdpFolder)).sort();
  return {
    ...{ sink, news, play, portOf, files, sdpFolder },
    async [Symbol.asyncDispose]() {
      await sink.close();
      await rm(sdpFolder, { recursive: true });
    },
  };
}

/** `rtp:` to a free port whose next ones are probably free, too. */
async function openAt() {
  const probe = await UdpPlayer.open();
  const { port } = probe;
  await probe[Symbol.asyncDispose]();
  const rig = await open((sdpFolder) => ({ kind: 'rtp', to: { host: 'localhost', port }, sdpFolder }));
  return { ...rig, first: port };
}

test('each stream goes to its own port, byte for byte, with a file that says how to open it', async (t) => {
  await using rig = await open();
  rig.sink.setStreams([stream('A', 1), stream('B', 2)]);
  await rig.sink.settled();
  t.deepEqual(await rig.files(), ['A.sdp', 'B.sdp']);
  await using a = await UdpPlayer.open(rig.portOf('A'));
  await using b = await UdpPlayer.open(rig.portOf('B'));
  for (const ssrc of [1, 2, 3]) rig.sink.deliver(rtp(ssrc));
  t.deepEqual(await a.took(1), [Buffer.from(rtp(1))]);
  t.deepEqual(await b.took(1), [Buffer.from(rtp(2))]);
  t.is(rig.portOf('A') % 2, 0);
  const sdp = await readFile(join(rig.sdpFolder, 'A.sdp'), 'utf8');
  t.is(
    sdp.replace(/^o=- [1-9]\d* 0 /m, 'o=- ID 0 '),
    [
      ...['v=0', 'o=- ID 0 IN IP4 127.0.0.1', 's=A', 'c=IN IP4 127.0.0.1', 't=0 0'],
      ...[`m=video ${rig.portOf('A')} RTP/AVP 96`, 'a=rtpmap:96 VP8/90000', ...KEY_FRAMES, ''],
    ].join('\r\n'),
  );
});

test('streams go to PORT, PORT+2, …, and nobody gets the port of one that has gone', async (t) => {
  await using rig = await openAt();
  const { first } = rig;
  rig.sink.setStreams([stream('A', 1), stream('B', 2), stream('C', 3)]);
  await rig.sink.settled();
  t.deepEqual(
    ['A', 'B', 'C'].map((peer) => rig.portOf(peer)),
    [first, first + 2, first + 4],
  );
  rig.sink.setStreams([stream('A', 1), stream('C', 3)]);
  rig.sink.setStreams([stream('A', 1), stream('C', 3), stream('D', 4), stream('E', 5)]);
  await rig.sink.settled();
  t.deepEqual(
    ['A', 'C', 'D', 'E'].map((peer) => rig.portOf(peer)),
    [first, first + 4, first + 6, first + 8],
  );
});

test('a peer keeps its port when its SSRC changes, and its player sees one stream', async (t) => {
  await using rig = await open();
  rig.sink.setStreams([stream('A', 1)]);
  await rig.sink.settled();
  await using a = await UdpPlayer.open(rig.portOf('A'));
  rig.sink.deliver(rtp(1, 500));
  await a.took(1);
  rig.sink.setStreams([stream('A', 77)]);
  await rig.sink.settled();
  rig.sink.deliver(rtp(1, 501));
  rig.sink.deliver(rtp(77, 9000));
  const played = await a.took(2);
  t.deepEqual(played.map(readSsrc), [1, 1]);
  t.deepEqual(played.map(readSequence), [500, 501]);
  t.is(rig.news.length, 1);
});

for (const [name, opened] of [
  ['sdp', open],
  ['rtp', openAt],
] as const) {
  test(`${name}: who comes back plays at the port it had, in whatever order, and a running player goes on`, async (t) => {
    await using rig = await opened();
    await rig.play(stream('A', 1), stream('A', 2, 'screen'), stream('B', 3));
    const ports = () => [rig.portOf('A'), rig.portOf('A', 'screen'), rig.portOf('B')];
    const before = ports();
    await using player = await UdpPlayer.open(rig.portOf('A'));
    // Other sinks of this machine take no port on which a player is.
    await using _screen = await UdpPlayer.open(rig.portOf('A', 'screen'));
    await using _other = await UdpPlayer.open(rig.portOf('B'));
    rig.sink.deliver(rtp(1, 20));
    await player.took(1);
    const { from } = player;
    await rig.play();
    await rig.play(stream('C', 9));
    await rig.play(stream('C', 9), stream('B', 13));
    await rig.play(stream('C', 9), stream('B', 13), stream('A', 12, 'screen'), stream('A', 11));
    t.deepEqual(ports(), before);
    rig.sink.deliver(rtp(11, 7000));
    const played = await player.took(2);
    t.deepEqual(played.map(readSsrc), [1, 1]);
    t.deepEqual(played.map(readSequence), [20, 21]);
    t.is(player.from, from, 'rtpbin of GStreamer drops a stream that comes from elsewhere');
  });
}

test('a port that somebody else has taken meanwhile costs no stream', async (t) => {
  await using rig = await openAt();
  await rig.play(stream('A', 1));
  await using player = await UdpPlayer.open(rig.portOf('A'));
  rig.sink.deliver(rtp(1));
  await player.took(1);
  const { from } = player;
  await rig.play();
  await using _other = await UdpPlayer.open(from, '0.0.0.0');
  await rig.play(stream('A', 2));
  rig.sink.deliver(rtp(2));
  await player.took(2);
  t.not(player.from, from);
});

test('where no port is left, whoever has been gone for longest gives its own up', async (t) => {
  await using rig = await open((sdpFolder) => ({ kind: 'rtp', to: { host: '127.0.0.1', port: 65_531 }, sdpFolder }));
  await rig.play(stream('A', 1), stream('B', 2));
  await rig.play(stream('B', 2));
  await rig.play();
  await rig.play(stream('C', 3));
  t.is(rig.portOf('C'), 65_531);
  await rig.play(stream('C', 3), stream('B', 2));
  t.like(rig.news.at(-1), { type: 'sink.opened', peer: 'B', to: '127.0.0.1:65533' });
});

test('another format is another file, on the same port', async (t) => {
  await using rig = await open();
  rig.sink.setStreams([stream('A', 1)]);
  await rig.sink.settled();
  const port = rig.portOf('A');
  const codec = { name: 'opus', clockRate: 48_000, channels: 2 };
  rig.sink.setStreams([{ ...stream('A', 1), codec, media: 'audio', payloadType: 111 }]);
  await rig.sink.settled();
  t.is(rig.portOf('A'), port);
  const sdp = await readFile(join(rig.sdpFolder, 'A.sdp'), 'utf8');
  t.regex(sdp, new RegExp(`m=audio ${port} RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n`));
});

test('one file opens all that a peer shows, each stream at its own port, with what its format needs', async (t) => {
  await using rig = await open();
  const codec = { name: 'opus', clockRate: 48_000, channels: 2 };
  const voice = { ...stream('A', 2, 'voice'), codec, media: 'audio', payloadType: 111, fmtp: 'minptime=10' } as const;
  const screen = { ...stream('A', 3, 'screen'), codec: { name: 'H264', clockRate: 90_000 } };
  rig.sink.setStreams([stream('A', 1), voice, screen]);
  await rig.sink.settled();
  t.deepEqual(await rig.files(), ['A.sdp']);
  const ports = ['camera', 'voice', 'screen'].map((name) => rig.portOf('A', name));
  t.is(new Set(ports).size, 3);
  const sdp = await readFile(join(rig.sdpFolder, 'A.sdp'), 'utf8');
  t.deepEqual(sdp.split('\r\n').slice(5), [
    ...[`m=video ${ports[0]} RTP/AVP 96`, 'a=rtpmap:96 VP8/90000', ...KEY_FRAMES],
    ...[`m=audio ${ports[1]} RTP/AVP 111`, 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10'],
    ...[
      `m=video ${ports[2]} RTP/AVP 96`,
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 packetization-mode=1',
      ...KEY_FRAMES,
      '',
    ],
  ]);
  await using heard = await UdpPlayer.open(rig.portOf('A', 'voice'));
  rig.sink.deliver(rtp(1));
  rig.sink.deliver(rtp(2));
  t.deepEqual(await heard.took(1), [Buffer.from(rtp(2))]);
});

test('a stream that comes or goes changes the file, and not the ports of the others', async (t) => {
  await using rig = await openAt();
  rig.sink.setStreams([stream('A', 1), stream('A', 2, 'screen')]);
  await rig.sink.settled();
  const port = rig.portOf('A', 'screen');
  rig.sink.setStreams([stream('A', 2, 'screen')]);
  await rig.sink.settled();
  t.like(rig.news.at(-1), { type: 'sink.closed', peer: 'A', stream: 'camera' });
  const sdp = await readFile(join(rig.sdpFolder, 'A.sdp'), 'utf8');
  t.deepEqual(
    sdp.split('\r\n').filter((line) => line.startsWith('m=')),
    [`m=video ${port} RTP/AVP 96`],
  );
  await using screen = await UdpPlayer.open(port);
  await using camera = await UdpPlayer.open(rig.portOf('A'));
  rig.sink.deliver(rtp(1));
  rig.sink.deliver(rtp(2));
  await screen.took(1);
  rig.sink.setStreams([stream('A', 2, 'screen'), stream('A', 4)]);
  await rig.sink.settled();
  t.is(rig.portOf('A'), camera.port);
  rig.sink.deliver(rtp(4));
  t.deepEqual(await camera.took(1), [Buffer.from(rtp(4))]);
});

test('layers of a group are one section on one port; one of another format stands alone', async (t) => {
  await using rig = await open();
  const layer = (ssrc: number, name: string) => ({ ...stream('A', ssrc, name), group: 'face' });
  rig.sink.setStreams([layer(1, 'low'), layer(2, 'high'), { ...layer(3, 'other'), payloadType: 97 }]);
  await rig.sink.settled();
  t.deepEqual(
    rig.news.map((one) => one.stream),
    ['face', 'other'],
  );
  await using face = await UdpPlayer.open(rig.portOf('A', 'face'));
  await using other = await UdpPlayer.open(rig.portOf('A', 'other'));
  rig.sink.deliver(rtp(1, 500));
  rig.sink.deliver(rtp(2, 9000));
  rig.sink.deliver(rtp(3, 7));
  const played = await face.took(2);
  t.deepEqual(
    played.map((packet) => [readSsrc(packet), readSequence(packet)]),
    [
      [1, 500],
      [1, 501],
    ],
  );
  t.deepEqual(await other.took(1), [Buffer.from(rtp(3, 7))]);
});

test('files go when their peers leave, and all of them at the end', async (t) => {
  const rig = await open();
  rig.sink.setStreams([stream('A', 1), stream('B', 2)]);
  rig.sink.setStreams([stream('B', 2)]);
  await rig.sink.settled();
  t.deepEqual(await rig.files(), ['B.sdp']);
  await rig.sink.close();
  await rig.sink.close();
  t.deepEqual(await rig.files(), []);
  rig.sink.deliver(rtp(2));
  await rm(rig.sdpFolder, { recursive: true });
});

test('two sinks on one machine choose different ports, and none that a program has', async (t) => {
  await using first = await open();
  first.sink.setStreams([stream('A', 1)]);
  await first.sink.settled();
  // A player has the port, while the sink that wrote the file has gone.
  await using player = await UdpPlayer.open(first.portOf('A'));
  first.sink.setStreams([]);
  await using second = await open();
  await using third = await open();
  second.sink.setStreams([stream('A', 1), stream('B', 2)]);
  third.sink.setStreams([stream('A', 1), stream('B', 2)]);
  await Promise.all([first.sink.settled(), second.sink.settled(), third.sink.settled()]);
  const ports = [second, third].flatMap((rig) => ['A', 'B'].map((peer) => rig.portOf(peer)));
  t.is(new Set([...ports, player.port]).size, 5);
});

test('a player that is not there hurts nobody', async (t) => {
  await using rig = await open();
  rig.sink.setStreams([stream('A', 1), stream('B', 2)]);
  await rig.sink.settled();
  await using b = await UdpPlayer.open(rig.portOf('B'));
  for (let sequence = 0; sequence < 20; sequence++) {
    rig.sink.deliver(rtp(1, sequence));
    rig.sink.deliver(rtp(2, sequence));
    await b.took(sequence + 1);
  }
  t.is(b.received.length, 20);
  t.is(rig.sink.failedSends, 0);
});

test('sender reports go to the port above with the CNAME of their owner; other RTCP stays here', async (t) => {
  await using rig = await open();
  rig.sink.setStreams([stream('A', 1)]);
  await rig.sink.settled();
  await using rtcp = await UdpPlayer.open(rig.portOf('A') + 1);
  rig.sink.deliver(rtp(1));
  const report = writeReport(1, { unixMs: 5, rtpTimestamp: 6, packets: 7, bytes: 8 }, []);
  const receiverReport = Uint8Array.from([0x80, 201, 0, 1, 0, 0, 0, 1]);
  for (const packet of [receiverReport, new Uint8Array(3), report]) rig.sink.report(packet, 'name');
  t.deepEqual(await rtcp.took(1), [Buffer.concat([report, writeDescription([1], 'name')])]);
});

test('what an owner receives is no matter to its players, and one without a CNAME gets one', async (t) => {
  await using rig = await open();
  rig.sink.setStreams([stream('A', 1)]);
  await rig.sink.settled();
  await using rtcp = await UdpPlayer.open(rig.portOf('A') + 1);
  rig.sink.deliver(rtp(1));
  const sent = { unixMs: 5, rtpTimestamp: 6, packets: 7, bytes: 8 };
  const measured = { jitter: 0, lastReport: 0, delaySinceLastReport: 0 };
  const block = { ssrc: 9, fractionLost: 0, packetsLost: 0, highestSequence: 0, ...measured };
  rig.sink.report(writeReport(1, sent, [block]), '');
  const [datagram = Buffer.alloc(0)] = await rtcp.took(1);
  t.deepEqual(datagram.subarray(0, 28), Buffer.from(writeReport(1, sent, [])));
  t.regex(readCnames(datagram).get(1) ?? '', /^\S{16}$/);
});

test('a player hears goodbye when the sink closes, under the SSRC that it saw, and not when a member goes that may come again', async (t) => {
  await using rig = await open();
  rig.sink.setStreams([{ ...stream('A', 1), stream: 'low', group: 'face' }]);
  await rig.sink.settled();
  await using rtcp = await UdpPlayer.open(rig.portOf('A', 'face') + 1);
  rig.sink.deliver(rtp(1));
  rig.sink.setStreams([]);
  rig.sink.setStreams([{ ...stream('A', 2), stream: 'low', group: 'face' }]);
  await rig.sink.settled();
  rig.sink.deliver(rtp(2));
  await rig.sink.close();
  const [datagram = Buffer.alloc(0)] = await rtcp.took(1);
  t.deepEqual([...packetsOf(datagram)].at(-1), Buffer.from(writeGoodbye([1])));
});

test('a folder that cannot be written is an error that says so', async (t) => {
  const base = await folder();
  const file = join(base, 'file');
  await writeFile(file, '');
  const error = await t.throwsAsync(
    openSink({ kind: 'sdp', sdpFolder: join(file, 'sub') }, () => undefined),
    {
      instanceOf: SinkError,
    },
  );
  t.is(error.code, 'sink.folder');
  t.regex(error.message, /Give another folder/);
  await rm(base, { recursive: true });
});

test('a folder that vanishes costs the stream that comes next, not the call', async (t) => {
  const rig = await open();
  rig.sink.setStreams([stream('A', 1)]);
  await rig.sink.settled();
  await rm(rig.sdpFolder, { recursive: true });
  rig.sink.setStreams([stream('A', 1), stream('A', 3, 'screen'), stream('B', 2)]);
  await rig.sink.settled();
  t.like(rig.news.at(-2), { type: 'sink.failed', peer: 'A', stream: 'screen', code: 'sink.folder' });
  t.like(rig.news.at(-1), { type: 'sink.failed', peer: 'B', code: 'sink.folder' });
  await using a = await UdpPlayer.open(rig.portOf('A'));
  rig.sink.deliver(rtp(1));
  t.is((await a.took(1)).length, 1);
  await rig.sink.close();
});

test('a host without address is an error that says so', async (t) => {
  const spec = { kind: 'rtp', to: { host: 'no-such-host.invalid', port: 5000 }, sdpFolder: tmpdir() } as const;
  const error = await t.throwsAsync(
    openSink(spec, () => undefined),
    { instanceOf: SinkError },
  );
  t.is(error.code, 'sink.host');
});

test('when no port is left, the stream that is one too many is told of', async (t) => {
  await using rig = await open((sdpFolder) => ({ kind: 'rtp', to: { host: '127.0.0.1', port: 65_533 }, sdpFolder }));
  rig.sink.setStreams([stream('A', 1), stream('B', 2)]);
  await rig.sink.settled();
  t.is(rig.portOf('A'), 65_533);
  t.like(rig.news.at(-1), { type: 'sink.failed', peer: 'B', code: 'sink.ports' });
});

test('no sink plays nothing', async (t) => {
  const sink = await openSink({ kind: 'none' }, () => t.fail());
  sink.setStreams([stream('A', 1)]);
  sink.deliver(rtp(1));
  await sink.close();
  t.pass();
});
