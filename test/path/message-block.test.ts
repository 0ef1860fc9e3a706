import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { AF_INET, loadLibc, MSG_DONTWAIT, NativeMemory, SOCK_DGRAM } from '../../infra/path/batched/libc.ts';
import { MessageBlock } from '../../infra/path/batched/message-block.ts';
import { NativeAddresses } from '../../infra/path/batched/socket-address.ts';

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
