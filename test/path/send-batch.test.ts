import test from 'ava';
import { MOST_LAID } from '../../infra/path/batched/datagram-runs.ts';
import { ERRNO, NativeMemory } from '../../infra/path/batched/libc.ts';
import { SendBatch } from '../../infra/path/batched/send-batch.ts';
import { SendRoom } from '../../infra/path/batched/send-room.ts';
import { NativeAddresses } from '../../infra/path/batched/socket-address.ts';
import { CounterBlock } from '../../infra/path/counters.ts';

const RECEIVERS = [1, 2, 3].map((last) => ({ host: `10.0.0.${last}`, port: 9 }));
const AUDIO = true;
const VIDEO = false;

/** A kernel that answers each call with the next of `answers`: how many messages it takes, or a negative errno. */
class ScriptedKernel {
  readonly asked: number[] = [];
  readonly #answers: number[];
  #error = 0;
  /** Bytes that wait in the send buffer. */
  waiting = 0;

  constructor(...answers: number[]) {
    this.#answers = answers;
  }

  sendmmsg(_descriptor: number, _messages: number, count: number): number {
    this.asked.push(count);
    const answer = this.#answers.shift() ?? count;
    if (answer >= 0) return Math.min(answer, count);
    this.#error = -answer;
    return -1;
  }

  errno(): number {
    return this.#error;
  }

  /** Whether room comes within the moment that a sender waits. */
  frees = false;

  poll(): number {
    return this.frees ? 1 : 0;
  }

  ioctl(_descriptor: number, _request: number, value: Int32Array): number {
    value[0] = this.waiting;
    return 0;
  }
}

function batchOn(kernel: ScriptedKernel, segmentation = true) {
  const counters = new CounterBlock();
  const room = new SendRoom(kernel, 0, 1000);
  const options = { libc: kernel, descriptor: 0, room, counters, forwarding: true, segmentation };
  return { batch: new SendBatch(options, new NativeAddresses(RECEIVERS, false)), counters };
}

const memory = new NativeMemory(4096);

/** Datagrams of so many bytes, each for one receiver. */
type Sent = readonly [receiver: number, length: number, audio: boolean];

function send(batch: SendBatch, ...datagrams: readonly Sent[]): void {
  const runs = datagrams.map(([, length]) => batch.lay(memory, 0, length, false));
  for (const [index, [receiver, , audio]] of datagrams.entries()) batch.add(receiver, runs[index] ?? 0, audio);
  batch.flush();
  batch.clear();
}

test('equal packets to one receiver are one message, which a shorter one ends', (t) => {
  const kernel = new ScriptedKernel();
  const { batch, counters } = batchOn(kernel);
  send(batch, [0, 100, VIDEO], [0, 100, VIDEO], [0, 60, VIDEO], [0, 100, VIDEO], [1, 100, VIDEO]);
  t.deepEqual(kernel.asked, [3]);
  t.is(counters.read('sentPackets'), 5);
  t.is(counters.read('forwardedPackets'), 5);
  t.is(counters.read('sentBytes'), 460);
  t.is(
    [0, 1, 2].reduce((sum, address) => sum + counters.readSentTo(address), 0),
    460,
  );
});

test('a longer packet begins a new message', (t) => {
  const kernel = new ScriptedKernel();
  const { batch } = batchOn(kernel);
  send(batch, [0, 60, VIDEO], [0, 100, VIDEO], [0, 100, VIDEO]);
  t.deepEqual(kernel.asked, [2]);
});

test('without GSO each packet is a message', (t) => {
  const kernel = new ScriptedKernel();
  const { batch, counters } = batchOn(kernel, false);
  send(batch, ...new Array<Sent>(5).fill([0, 100, VIDEO]));
  t.deepEqual(kernel.asked, [5]);
  t.is(counters.read('sentPackets'), 5);
});

test('more packets than one call takes are sent in several', (t) => {
  const kernel = new ScriptedKernel();
  const { batch, counters } = batchOn(kernel, false);
  const run = batch.lay(memory, 0, 100, false);
  for (let packet = 0; packet < 5000; packet++) batch.add(packet % 3, run, VIDEO);
  batch.flush();
  t.is(counters.read('sentPackets'), 5000);
  t.true(kernel.asked.every((count) => count <= 1024));
});

test('a kernel that takes only some is asked for the rest', (t) => {
  const kernel = new ScriptedKernel(2, -ERRNO.EINTR, 1);
  const { batch, counters } = batchOn(kernel, false);
  send(batch, ...new Array<Sent>(4).fill([0, 100, VIDEO]));
  t.deepEqual(kernel.asked, [4, 2, 2, 1]);
  t.is(counters.read('sentPackets'), 4);
});

test('a full send buffer drops what is last, which is video', (t) => {
  const kernel = new ScriptedKernel(2, -ERRNO.EAGAIN);
  const { batch, counters } = batchOn(kernel, false);
  const voices = [0, 1].map((receiver): Sent => [receiver, 80, AUDIO]);
  send(batch, ...voices, ...[0, 1, 2].map((receiver): Sent => [receiver, 1200, VIDEO]));
  t.is(counters.read('sentBytes'), 160);
  t.is(counters.read('sendBufferFull'), 3);
});

test('a send buffer that has room again in a moment drops nothing', (t) => {
  const kernel = new ScriptedKernel(2, -ERRNO.EAGAIN);
  kernel.frees = true;
  const { batch, counters } = batchOn(kernel, false);
  send(batch, ...[0, 1, 2, 0, 1].map((receiver): Sent => [receiver, 1200, VIDEO]));
  t.is(counters.read('sentPackets'), 5);
  t.is(counters.read('sendBufferFull'), 0);
});

test('after a full buffer video waits for room and audio does not', (t) => {
  const kernel = new ScriptedKernel(-ERRNO.ENOBUFS);
  const { batch, counters } = batchOn(kernel, false);
  const sendBoth = () => send(batch, [0, 80, AUDIO], [0, 1200, VIDEO]);
  sendBoth();
  t.is(counters.read('sendBufferFull'), 2);
  kernel.waiting = 751;
  sendBoth();
  t.is(counters.read('sentBytes'), 80);
  t.is(counters.read('sendBufferFull'), 3);
  kernel.waiting = 750;
  sendBoth();
  t.is(counters.read('sentBytes'), 80 + 1280);
});

for (const refusal of ['EIO', 'EINVAL', 'EMSGSIZE'] as const) {
  test(`a receiver that answers ${refusal} to GSO gets single packets from then on`, (t) => {
    const kernel = new ScriptedKernel(-ERRNO[refusal], 1, 1, 1);
    const { batch, counters } = batchOn(kernel);
    const sendThree = () => send(batch, ...new Array<Sent>(3).fill([0, 100, VIDEO]));
    sendThree();
    t.deepEqual(kernel.asked, [1, 1, 1, 1]);
    sendThree();
    t.is(kernel.asked.at(-1), 3);
    t.is(counters.read('sentPackets'), 6);
    t.is(counters.read('unreachable'), 0);
  });
}

test('a receiver that cannot be reached is skipped and counted', (t) => {
  const unreachableErrno = 101;
  const kernel = new ScriptedKernel(-unreachableErrno);
  const { batch, counters } = batchOn(kernel);
  send(batch, ...[0, 0, 1].map((receiver): Sent => [receiver, 100, VIDEO]));
  t.is(counters.read('unreachable'), 2);
  t.is(counters.read('sentPackets'), 1);
});

test('more datagrams than can lie at once are refused', (t) => {
  const { batch } = batchOn(new ScriptedKernel());
  for (let laid = 0; laid < MOST_LAID; laid++) batch.lay(memory, 0, 100, true);
  t.throws(() => batch.lay(memory, 0, 100, true), { instanceOf: RangeError, message: /64/ });
});

test('what goes to TURN channels is a message for each packet, and as many calls as it takes', (t) => {
  const kernel = new ScriptedKernel();
  const { batch, counters } = batchOn(kernel);
  batch.use(new NativeAddresses([...RECEIVERS, { host: '10.0.0.9', port: 3478, channel: 0x4001 }], false));
  const run = Array.from({ length: MOST_LAID }, () => batch.lay(memory, 0, 50, true)).at(-1) ?? 0;
  for (let time = 0; time < 17; time++) batch.add(3, run, VIDEO);
  batch.add(0, run, VIDEO);
  batch.flush();
  t.deepEqual(kernel.asked, [1024, 65]);
  t.is(counters.read('sentPackets'), 18 * MOST_LAID);
  t.is(counters.readSentTo(3), 17 * MOST_LAID * 54);
});
