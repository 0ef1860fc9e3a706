import { createSocket } from 'node:dgram';
import test from 'ava';
import { PathUnderTest, until } from './rig.ts';

/** Several times what any granted receive buffer holds. */
const DATAGRAMS = 30_000;

test('dgram: what the kernel drops while the program is busy is counted', async (t) => {
  await using peer = await PathUnderTest.open('dgram');
  const { host, port } = peer.path.bound;
  const sender = createSocket({ type: 'udp4', lookup: (name, _options, found) => found(null, name, 4) });
  const datagram = Buffer.alloc(1200);
  // In one turn of the event loop, so that nobody can read.
  for (let sent = 0; sent < DATAGRAMS; sent++) sender.send(datagram, port, host);
  await until(() => {
    const { receivedPackets, kernelDrops } = peer.path.counters();
    return receivedPackets + kernelDrops === DATAGRAMS;
  });
  t.true(peer.path.counters().kernelDrops > 0);
  sender.close();
});
