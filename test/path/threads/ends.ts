/** A process that opens a batched path and ends without closing it, in the way that its argument says, once a packet has come. */
import { PathUnderTest, PlainPeer, until } from '../rig.ts';

const ENDINGS: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(7),
  throw: () => {
    throw new Error('something went wrong');
  },
};

const { path } = await PathUnderTest.open('batched');
// One only: what is still to come would wake the thread.
const sender = await PlainPeer.open();
await sender.send(path.bound, Buffer.from('x'));
await until(() => path.counters().receivedPackets > 0);
ENDINGS[process.argv[2] ?? '']?.();
