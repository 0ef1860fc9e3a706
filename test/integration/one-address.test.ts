/** A plain endpoint that ties a stream to one address, over a real server and real sockets: from where each packet comes to it. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import { startNatsServer } from '../../infra/nats/server.ts';
import { isRtcp, readSsrc } from '../../infra/rtp/header.ts';
import { Arrivals } from './arrivals.ts';
import { joinCall, sees } from './calls.ts';

/** Over two seconds of a test stream. */
const PACKETS = 250;

test('each stream comes to it from one address, also when another relay comes that has more to give', async (t) => {
  const server = await startNatsServer();
  t.teardown(() => server.stop());
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  const heard = new Arrivals<{ readonly ssrc: number; readonly from: number }>();
  socket.on('message', (packet, { port }) => {
    if (packet.length >= 12 && !isRtcp(packet)) heard.add({ ssrc: readSsrc(packet), from: port });
  });

  await joinCall(t, server.url, '--id', 'A', '--source', 'none', '--upload', '2.5mbit');
  const c = await joinCall(t, server.url, '--id', 'C', '--upload', '1.2mbit', '--bitrate', '1mbit');
  await c.views.first(sees('A'));
  // What takes the packets is the socket above; the process that speaks for it on the bus has the same port of another host.
  const { port } = socket.address();
  const place = ['--listen', `127.0.0.2:${port}`, '--advertise', '127.0.0.1'];
  const d = await joinCall(t, server.url, '--id', 'D', '--no-rpr', '--one-address', '--source', 'none', ...place);
  const view = await c.views.first(sees('D'));
  t.true(view.members.get('D')?.oneAddress);
  const ssrc = (await d.views.first(sees('C'))).members.get('C')?.streams[0]?.ssrc;
  const ofC = () => heard.all.filter((packet) => packet.ssrc === ssrc);
  await heard.first(() => ofC().length > PACKETS);

  const b = await joinCall(t, server.url, '--id', 'B', '--source', 'none', '--upload', '50mbit');
  await b.played.first((one) => one === ssrc);
  const before = ofC().length;
  await heard.first(() => ofC().length > before + PACKETS);
  t.is(new Set(ofC().map(({ from }) => from)).size, 1);
});
