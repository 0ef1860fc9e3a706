/** A screen that is shown for a while, between two real peers: it comes, it goes, and comes back as the stream that it was. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { StreamError } from '../../actors/call/own-stream.ts';
import type { OwnStream } from '../../actors/options/contract.ts';
import type { RemoteStream } from '../../actors/sink/contract.ts';
import { type OpenSourceOptions, openSource } from '../../actors/source/open.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { readSsrc } from '../../infra/rtp/header.ts';
import { parseHostPort } from '../../infra/units/host-port.ts';
import { Arrivals } from './arrivals.ts';
import { joinCall, sees } from './calls.ts';
import type { Logged } from './peer-process.ts';

const SCREEN: OwnStream = {
  ...{ name: 'screen', source: { kind: 'test' }, group: null, layer: 0 },
  format: { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' },
  bitrate: { minBps: 300_000, maxBps: 300_000 },
};
const bySource = (options: OpenSourceOptions) => openSource(SCREEN, options);

const isScreen = ({ peer, stream }: RemoteStream) => peer === 'A' && stream === 'screen';
const about = (event: string) => (line: Logged) => line.event === event && line.stream === 'screen';

function folder(t: ExecutionContext): string {
  const made = mkdtempSync(join(tmpdir(), 'own-streams-'));
  t.teardown(() => rmSync(made, { recursive: true }));
  return made;
}

/** The SSRCs that a player sees at this port, packet by packet. */
async function player(t: ExecutionContext, port: number): Promise<Arrivals<number>> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1');
  t.teardown(() => socket.close());
  await once(socket, 'listening');
  const ssrcs = new Arrivals<number>();
  socket.on('message', (packet) => ssrcs.add(readSsrc(packet)));
  return ssrcs;
}

test('a screen that comes, goes and comes back is one stream to whoever plays it', async (t) => {
  await using server = await startNatsServer();
  const b = await joinCall(t, server.url, '--id', 'B', '--source', 'none', '--sink', `sdp:${folder(t)}`);
  const a = await joinCall(t, server.url, '--id', 'A', '--source', 'test,codec=opus/48000/2,bitrate=32k');
  await Promise.all([a.views.first(sees('B')), b.views.first(sees('A'))]);

  await a.call.addStream(SCREEN, bySource);
  const first = (await b.shown.first((streams) => streams.some(isScreen))).find(isScreen);
  const { to } = await b.log.first(about('sink.opened'));
  const seen = await player(t, parseHostPort(String(to)).port);
  const before = await seen.first(() => true);
  await b.played.first((ssrc) => ssrc === first?.ssrc);
  t.like(a.call.status(), { streams: [{ stream: 'voice' }, { stream: 'screen' }] });

  for (const arrivals of [b.shown, b.log]) arrivals.forget();
  await a.call.removeStream('screen');
  await b.shown.first((streams) => !streams.some(isScreen));
  await b.log.first(about('sink.closed'));
  t.deepEqual(
    a.call.participant.transport.table.own.map(({ stream }) => stream),
    ['voice'],
  );
  t.like(a.call.status(), { streams: { length: 1, 0: { stream: 'voice' } } });

  for (const arrivals of [b.shown, b.log, seen]) arrivals.forget();
  await a.call.addStream(SCREEN, bySource);
  const second = (await b.shown.first((streams) => streams.some(isScreen))).find(isScreen);
  t.not(second?.ssrc, first?.ssrc);
  t.is((await b.log.first(about('sink.opened'))).to, to);
  const after = await seen.first(() => true);
  t.is(after, before);
  await b.played.first((ssrc) => ssrc === second?.ssrc);
  t.is((await t.throwsAsync(a.call.addStream(SCREEN, bySource), { instanceOf: StreamError })).code, 'stream.taken');
});

test('a camera that is plugged in after a late start is there for who joins then, and its rate is that of the plan', async (t) => {
  await using server = await startNatsServer();
  const a = await joinCall(t, server.url, '--id', 'A', '--source', 'none', '--upload', '250k');
  await a.call.addStream({ ...SCREEN, bitrate: { minBps: 50_000, maxBps: 2_000_000 } }, bySource);
  const b = await joinCall(t, server.url, '--id', 'B', '--source', 'none', '--upload', '1k');
  await b.shown.first((streams) => streams.some(isScreen));
  await a.log.first((line) => line.event === 'rate.changed' && line.rateBps === 237_500);
  t.like(a.call.status(), { streams: [{ stream: 'screen', shouldBps: 237_500 }] });
});
