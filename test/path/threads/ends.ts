/** A process that opens a batched path and ends without closing it, in the way that its argument says, once a packet has come. */
import { createSocket } from 'node:dgram';
import { LOOPBACK_HOST } from '../../../infra/path/addresses.ts';
import { openPath } from '../../../infra/path/open.ts';

const ENDINGS: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(7),
  throw: () => {
    throw new Error('something went wrong');
  },
};

const path = await openPath({
  kind: 'batched',
  listen: { host: LOOPBACK_HOST, port: 0 },
  deliver: () => undefined,
  onRtcp: () => undefined,
  now: () => performance.now(),
});
// One only: what is still to come would wake the thread.
const sender = createSocket('udp4');
sender.send('x', path.bound.port, LOOPBACK_HOST);
const watching = setInterval(() => {
  if (path.counters().receivedPackets === 0) return;
  clearInterval(watching);
  ENDINGS[process.argv[2] ?? '']?.();
}, 10);
