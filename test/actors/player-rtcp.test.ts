/** What players send back reaches whoever listens, bounded and counted, and speaks of the stream as its owner sends it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { RemoteStream } from '../../actors/sink/contract.ts';
import { openSink } from '../../actors/sink/open.ts';
import { PlayerRtcp, PlayerRtcpCount } from '../../actors/sink/player-rtcp.ts';
import { writePlainHeader, writeSequence, writeSsrc } from '../../infra/rtp/write.ts';
import { UdpPlayer } from './udp-player.ts';

const stream = (ssrc: number, name = 'camera', group: string | null = null): RemoteStream => ({
  ...{ peer: 'A', stream: name, ssrc, media: 'video', payloadType: 96, fmtp: '', group },
  codec: { name: 'VP8', clockRate: 90_000 },
});

function rtp(ssrc: number, sequence: number): Uint8Array {
  const packet = new Uint8Array(30);
  writePlainHeader(packet);
  packet[1] = 96;
  writeSequence(packet, sequence);
  writeSsrc(packet, ssrc);
  return packet;
}

/** RFC 4585 section 6.3.1. */
const pli = (ssrc: number) => Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, ssrc]);
/** RFC 4585 section 6.2.1, of one packet. */
const nack = (ssrc: number, sequence: number) =>
  Buffer.from([0x81, 205, 0, 3, 0, 0, 0, 9, 0, 0, 0, ssrc, sequence >> 8, sequence & 0xff, 0, 0]);

/** A sink with all that its players say. */
async function open() {
  const sdpFolder = await mkdtemp(join(tmpdir(), 'rpr-sink-'));
  const said: { owner: string; stream: string; rtcp: string }[] = [];
  let heard: () => void = () => undefined;
  let port = 0;
  const sink = await openSink(
    { kind: 'sdp', sdpFolder },
    (news) => {
      if (news.type === 'sink.opened') port = Number(news.to.split(':')[1]);
    },
    (owner, name, rtcp) => {
      said.push({ owner, stream: name, rtcp: Buffer.from(rtcp).toString('hex') });
      heard();
    },
  );
  return {
    ...{ sink, said },
    play: async (...streams: readonly RemoteStream[]) => {
      sink.setStreams(streams);
      await sink.settled();
    },
    player: () => UdpPlayer.open(port),
    reports: () => UdpPlayer.open(port + 1),
    heard: async (count: number) => {
      while (said.length < count) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
      return said;
    },
    async [Symbol.asyncDispose]() {
      await sink.close();
      await rm(sdpFolder, { recursive: true });
    },
  };
}

test('what a player sends to where RTP or RTCP comes from is handed on, and nothing that is not RTCP', async (t) => {
  await using rig = await open();
  await rig.play(stream(1));
  await using player = await rig.player();
  await using reports = await rig.reports();
  rig.sink.deliver(rtp(1, 5));
  rig.sink.report(Uint8Array.from([0x80, 200, 0, 6, 0, 0, 0, 1, ...new Array<number>(20).fill(5)]), '');
  await player.took(1);
  await reports.took(1);
  for (const junk of [Buffer.alloc(0), Buffer.from('hello there'), rtp(1, 6), pli(1).subarray(0, 10)]) {
    player.answer(junk);
  }
  player.answer(pli(1));
  await rig.heard(1);
  reports.answer(nack(1, 5));
  t.deepEqual(await rig.heard(2), [
    { owner: 'A', stream: 'camera', rtcp: pli(1).toString('hex') },
    { owner: 'A', stream: 'camera', rtcp: nack(1, 5).toString('hex') },
  ]);
  t.deepEqual(rig.sink.playerRtcp, { taken: 2, strangers: 0, malformed: 4, overLimit: 0 });
});

test("after a restart a player's words are about what the member sends now", async (t) => {
  await using rig = await open();
  await rig.play(stream(1));
  await using player = await rig.player();
  rig.sink.deliver(rtp(1, 500));
  await player.took(1);
  await rig.play();
  await rig.play(stream(2));
  rig.sink.deliver(rtp(2, 9000));
  await player.took(2);
  player.answer(nack(1, 501));
  player.answer(pli(1));
  const said = await rig.heard(2);
  t.deepEqual(
    said.map(({ rtcp }) => rtcp),
    [nack(2, 9000), pli(2)].map((rtcp) => rtcp.toString('hex')),
  );
});

test('of a group the layer that is shown is asked', async (t) => {
  await using rig = await open();
  await rig.play(stream(1, 'low', 'face'), stream(2, 'high', 'face'));
  await using player = await rig.player();
  rig.sink.deliver(rtp(1, 7));
  rig.sink.deliver(rtp(2, 70));
  await player.took(2);
  player.answer(nack(1, 8));
  t.deepEqual(await rig.heard(1), [{ owner: 'A', stream: 'high', rtcp: nack(2, 70).toString('hex') }]);
});

test('strangers are not heard, and a player that floods is heard as often as a player has something to say', (t) => {
  const count = new PlayerRtcpCount();
  const player = new PlayerRtcp('192.0.2.1', count);
  t.false(player.admit(pli(1), '192.0.2.2', 0));
  for (let index = 0; index < 1000; index++) player.admit(pli(1), '192.0.2.1', 0);
  t.like(count, { taken: 100, strangers: 1, overLimit: 900 });
  t.true(player.admit(pli(1), '192.0.2.1', 1000));
});
