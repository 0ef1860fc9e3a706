/** GStreamer's rtpbin, which takes a stream from one address for good: it goes on when a relay joins, leaves and is killed. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startNatsServer } from '../../infra/nats/server.ts';
import { spawnTethered } from '../../infra/process/tethered.ts';
import { readSequence } from '../../infra/rtp/header.ts';
import { UdpPlayer } from '../actors/udp-player.ts';
import { rtpPacket } from '../path/rig.ts';
import { joinCall, sees, type WatchedCall } from './calls.ts';
import { PeerProcess } from './peer-process.ts';

/** Of a second and more of the stream. */
const PACKETS = 100;
const LOOK_MS = 50;
const [CLIENT, CODEC] = ['C', 'application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8,payload=96'];

const hasRtpbin = ['rtpbin', 'udpsrc'].every((element) => {
  try {
    execFileSync('gst-inspect-1.0', [element], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
const withRtpbin = hasRtpbin ? test : test.skip;
const why = hasRtpbin ? '' : ' (no GStreamer with rtpbin)';

/** A pipeline that receives at this port, and what comes out of it. */
async function rtpbinAt(t: ExecutionContext, port: number): Promise<UdpPlayer> {
  const player = await UdpPlayer.open();
  t.teardown(() => player[Symbol.asyncDispose]());
  const pipeline = spawnTethered('gst-launch-1.0', [
    ...[
      '-q',
      'rtpbin',
      'name=bin',
      'udpsrc',
      'address=127.0.0.1',
      `port=${port}`,
      `caps=${CODEC}`,
      '!',
      'bin.recv_rtp_sink_0',
    ],
    ...['bin.', '!', 'udpsink', 'host=127.0.0.1', `port=${player.port}`, 'sync=false', 'async=false'],
  ]);
  t.teardown(() => pipeline.stop());
  return player;
}

async function until(is: () => boolean): Promise<void> {
  while (!is()) await delay(LOOK_MS);
}

/** The ways by which D gets C's camera now: null is C itself. */
function waysTo({ call }: WatchedCall): (string | null)[] {
  const { from = [] } = call.status().members.find(({ id }) => id === CLIENT) ?? {};
  return from.flatMap(({ ways }) => ways.map(({ relay }) => relay));
}

withRtpbin(`rtpbin drops what comes from a second address, so that a hand-over could freeze it${why}`, async (t) => {
  t.timeout(60_000);
  const free = await UdpPlayer.open();
  const { port } = free;
  await free[Symbol.asyncDispose]();
  const player = await rtpbinAt(t, port);
  const [one, other] = [await UdpPlayer.open(), await UdpPlayer.open()];
  t.teardown(() => Promise.all([one, other].map((socket) => socket[Symbol.asyncDispose]())));
  let sequence = 0;
  const send = (from: UdpPlayer) => from.sendTo(port, rtpPacket({ ssrc: 7, sequence: ++sequence }));
  await until(() => {
    send(one);
    return player.received.length > PACKETS;
  });
  const before = sequence;
  for (let count = 0; count < PACKETS; count++) {
    send(other);
    await delay(10);
  }
  // By then what came before the change has come out.
  await until(() => {
    send(one);
    return player.received.some((packet) => readSequence(packet) > before + PACKETS);
  });
  t.false(player.received.some((packet) => readSequence(packet) > before && readSequence(packet) <= before + PACKETS));
});

withRtpbin(`behind the sink of a peer it goes on when a relay joins, leaves and is killed${why}`, async (t) => {
  t.timeout(120_000);
  const server = await startNatsServer();
  t.teardown(() => server.stop());
  const folder = await mkdtemp(join(tmpdir(), 'rpr-rtpbin-'));
  t.teardown(() => rm(folder, { recursive: true }));
  // It can send its camera once, and a relay wants it, too.
  const c = await joinCall(t, server.url, '--id', CLIENT, '--upload', '1.2mbit', '--bitrate', '1mbit');
  const plain = ['--no-rpr', '--one-address', '--source', 'none', '--sink', `sdp:${folder}`];
  const d = await joinCall(t, server.url, '--id', 'D', ...plain);
  await c.views.first(sees('D'));
  const opened = await d.log.first(({ event, other }) => event === 'sink.opened' && other === CLIENT);
  const player = await rtpbinAt(t, Number(String(opened.to).split(':').at(-1)));
  const goesOn = async (by: string | null) => {
    await until(() => waysTo(d).includes(by));
    const before = player.received.length;
    await player.took(before + PACKETS);
  };
  await goesOn(null);
  const relay = ['--source', 'none', '--upload', '20mbit'];
  const a = await joinCall(t, server.url, '--id', 'A', ...relay);
  await goesOn('A');
  a.call.leave();
  await goesOn(null);
  const b = PeerProcess.start(
    '--nats',
    server.url,
    '--identity',
    'none',
    '--id',
    'B',
    '--listen',
    '127.0.0.1:0',
    ...relay,
  );
  t.teardown(() => b[Symbol.asyncDispose]());
  await goesOn('B');
  b.signal('SIGKILL');
  await goesOn(null);
  t.pass();
});
