import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { AF_INET, loadLibc, MSG_DONTWAIT, NativeMemory, SOCK_DGRAM } from '../../infra/path/batched/libc.ts';
import { MessageBlock } from '../../infra/path/batched/message-block.ts';
import { packetInfoOf } from '../../infra/path/batched/packet-info.ts';
import { NativeAddresses } from '../../infra/path/batched/socket-address.ts';
import { PlainPeer } from './rig.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const onLinux = process.platform === 'linux' ? test : test.skip;

/** Points to memory that nobody else holds. */
function blockOf(messages: number): MessageBlock {
  const block = new MessageBlock(messages, messages);
  for (let message = 0; message < messages; message++) {
    const addresses = new NativeAddresses([{ host: '127.0.0.1', port: 9 }], false);
    block.setName(message, addresses.memory, 0, addresses.length);
    block.setVector(message, new NativeMemory(100), 0, 100);
    block.setVectors(message, message, 1);
  }
  return block;
}

onLinux('what a message points to stays where it is as long as the message does', (t) => {
  const libc = loadLibc();
  const descriptor = libc.socket(AF_INET, SOCK_DGRAM, 0);
  const messages = 500;
  const block = blockOf(messages);
  collectGarbage();
  // What was freed is written over.
  const others = Array.from({ length: 10 * messages }, (_, index) => new Uint8Array(512).fill(index));
  t.is(libc.sendmmsg(descriptor, block.pointer(0), messages, MSG_DONTWAIT), messages, `errno ${libc.errno()}`);
  libc.close(descriptor);
  t.is(others.length, 10 * messages);
});

onLinux(
  'the segments of one message leave from the address that it names, and those of the next from where the kernel chooses',
  async (t) => {
    await using receiver = await PlainPeer.open();
    const libc = loadLibc();
    const descriptor = libc.socket(AF_INET, SOCK_DGRAM, 0);
    const target = new NativeAddresses([receiver.address], false);
    const block = new MessageBlock(3, 2);
    for (let vector = 0; vector < 2; vector++) block.setVector(vector, new NativeMemory(100), 0, 100);
    for (let message = 0; message < 3; message++) block.setName(message, target.memory, 0, target.length);
    for (const origin of [packetInfoOf('127.0.0.2', false), undefined]) {
      block.setVectors(0, 0, 2);
      block.setSegments(0, 100, origin);
      block.setVectors(1, 0, 1);
      block.setSegments(1, 0, origin);
      block.setVectors(2, 0, 2);
      block.setSegments(2, 100);
      t.is(libc.sendmmsg(descriptor, block.pointer(0), 3, 0), 3, `errno ${libc.errno()}`);
    }
    await receiver.take(10);
    libc.close(descriptor);
    t.deepEqual(
      receiver.received.map(({ from, packet }) => [from.address.slice(-1), packet.length]),
      ['2', '2', '2', '1', '1', '1', '1', '1', '1', '1'].map((last) => [last, 100]),
    );
  },
);
