/** When datagrams came, whenever they are read. */
import test from 'ava';
import { ArrivalTimes } from '../../infra/path/batched/arrival-time.ts';
import { loadLibc, NativeMemory } from '../../infra/path/batched/libc.ts';
import { MessageBlock } from '../../infra/path/batched/message-block.ts';
import { askForPacketInfo } from '../../infra/path/batched/packet-info.ts';
import { ReceiveBatch } from '../../infra/path/batched/receive-batch.ts';
import { openLoopbackSocket } from '../../infra/path/batched/self-test.ts';
import { ADDRESS_WORDS, NativeAddresses } from '../../infra/path/batched/socket-address.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;

const READ_LATE_MS = 30;

onLinux('the kernel says when a datagram came, beside where to, and not when it was read', (t) => {
  const libc = loadLibc();
  const [sender, receiver] = [openLoopbackSocket(libc), openLoopbackSocket(libc)];
  const batch = new ReceiveBatch(libc);
  t.true(batch.askTimes(receiver.descriptor));
  t.true(askForPacketInfo(libc, receiver.descriptor, false));
  batch.askLocal();
  const block = new MessageBlock(1, 1);
  const target = new NativeAddresses([receiver.address], false);
  block.setName(0, target.memory, 0, target.length);
  block.setVector(0, new NativeMemory(100), 0, 100);
  block.setVectors(0, 0, 1);
  block.setSegments(0, 0);
  const beganMs = performance.now();
  t.is(libc.sendmmsg(sender.descriptor, block.pointer(0), 1, 0), 1);
  const sentMs = performance.now();
  // On the loopback interface it is there by now. The reader has something else to do.
  while (performance.now() < sentMs + READ_LATE_MS);
  t.is(batch.receive(receiver.descriptor), 1);
  batch.readTimes(() => performance.now());
  const atMs = batch.arrivedAtMs(0) ?? Number.NaN;
  // The two clocks are read one after the other.
  t.true(atMs >= beganMs - 1 && atMs <= sentMs + 1, `${atMs - beganMs} of ${sentMs - beganMs}`);
  const local = new Int32Array(ADDRESS_WORDS);
  t.true(batch.copyLocal(0, local, false));
  t.deepEqual([...new Uint8Array(local.buffer).subarray(4, 8)], [127, 0, 0, 1]);
  for (const { descriptor } of [sender, receiver]) libc.close(descriptor);
});

/** Says what a test lets it say, in s. */
class TimeOfDay {
  seconds = 1_000;

  readonly clock_gettime = (_: number, into: Int32Array): number => {
    into.set(timespec(this.seconds));
    return 0;
  };
}

const timespec = (seconds: number) => {
  const whole = Math.floor(seconds);
  return Int32Array.of(whole, 0, Math.round((seconds - whole) * 1e9), 0);
};

test('an age goes over the second, and over where the seconds do not fit a signed word', (t) => {
  const day = new TimeOfDay();
  const times = new ArrivalTimes(day);
  for (const atS of [1_000, 2 ** 31]) {
    const stamp = timespec(atS - 0.02);
    day.seconds = atS + 0.03;
    times.read(() => 500, false);
    t.is(Math.round(times.atMs(stamp, 0)), 450);
  }
});

test('the time of day may be set: nothing came later than now, or before what was read before', (t) => {
  const day = new TimeOfDay();
  const times = new ArrivalTimes(day);
  const stamp = timespec(1_000);
  times.read(() => 100, true);
  day.seconds = 999;
  times.read(() => 140, false);
  t.is(times.atMs(stamp, 0), 140);
  day.seconds = 4_600;
  times.read(() => 150, false);
  t.is(times.atMs(stamp, 0), 100);
});

test('who is held up between two clocks takes a datagram for younger than it is, never for older', (t) => {
  const day = new TimeOfDay();
  const times = new ArrivalTimes(day);
  const stamp = timespec(999.99);
  let nowMs = 500;
  const heldUp = (): number => {
    day.seconds += 0.2;
    nowMs += 200;
    return nowMs;
  };
  t.is(times.read(heldUp, false), 700);
  t.is(Math.round(times.atMs(stamp, 0)), 690);
});
