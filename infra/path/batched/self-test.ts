/** Whether the system calls do here what they should, tried on two sockets of our own on the loopback interface. */

import { CounterBlock } from '../counters.ts';
import { PathError } from '../errors.ts';
import { LOOPBACK_HOST } from '../table/addresses.ts';
import { AF_INET, type Libc, NativeMemory, SO_RCVTIMEO, SOCK_CLOEXEC, SOCK_DGRAM, SOL_SOCKET } from './libc.ts';
import { ADDRESS_BYTES } from './message-block.ts';
import { ReceiveBatch } from './receive-batch.ts';
import { SendBatch } from './send-batch.ts';
import { addressLength, NativeAddresses, readAddress, writeAddress } from './socket-address.ts';

/** Two equal segments and a shorter last one, as a video frame is cut. In bytes. */
const SIZES = [100, 100, 60];

/** A datagram on the loopback interface is there at once; this only ends a test that fails. In ms. */
const TIMEOUT_MS = 500;

/**
 * Sends a few datagrams the way the path does, and looks at what arrives.
 *
 * @returns whether UDP GSO works
 * @throws {PathError} `batched.unavailable` if they do not arrive as they were sent even without it
 */
export function testSystemCalls(libc: Libc): { segmentation: boolean } {
  if (datagramsArrive(libc, true)) return { segmentation: true };
  if (datagramsArrive(libc, false)) return { segmentation: false };
  throw new PathError(
    'batched.unavailable',
    'recvmmsg and sendmmsg do not work on this system. Use --packet-path dgram.',
  );
}

function datagramsArrive(libc: Libc, segmentation: boolean): boolean {
  const sender = openLoopbackSocket(libc);
  const receiver = openLoopbackSocket(libc);
  try {
    const target = new NativeAddresses([receiver.address], false);
    const room = { hasRoomForVideo: () => true, noteFull: () => undefined, waitForRoom: () => false };
    const counters = new CounterBlock();
    const options = { libc, descriptor: sender.descriptor, room, counters, forwarding: false, segmentation };
    const batch = new SendBatch(options, target);
    const payload = patternedMemory();
    const runs = SIZES.map((size, index) => batch.lay(payload, offsetOf(index), size, true));
    for (const run of new Set(runs)) batch.add(0, run, false);
    batch.flush();
    return SIZES.length === receiveAll(libc, receiver.descriptor, sender.address, new Uint8Array(payload.buffer));
  } finally {
    libc.close(sender.descriptor);
    libc.close(receiver.descriptor);
  }
}

/** How many datagrams came as they were sent, in order, from the sender's address. */
function receiveAll(libc: Libc, descriptor: number, from: { host: string; port: number }, payload: Uint8Array): number {
  const batch = new ReceiveBatch(libc);
  const senders = new NativeAddresses([from], false);
  let good = 0;
  while (good < SIZES.length) {
    const count = batch.receive(descriptor);
    if (count <= 0) return good;
    for (let slot = 0; slot < count; slot++) {
      const size = SIZES[good] ?? 0;
      const expected = payload.subarray(offsetOf(good), offsetOf(good) + size);
      const found = batch.packets[slot]?.subarray(0, batch.length(slot)) ?? new Uint8Array();
      const known = senders.find(batch.addressWords, batch.addressAt(slot)) === 0;
      if (!known || Buffer.compare(expected, found) !== 0) return good;
      good++;
    }
  }
  return good;
}

function offsetOf(index: number): number {
  return index * Math.max(...SIZES);
}

function patternedMemory(): NativeMemory {
  const memory = new NativeMemory(1024);
  new Uint8Array(memory.buffer).forEach((_, index, bytes) => {
    bytes[index] = index * 7;
  });
  return memory;
}

/** @returns a bound socket, for the caller to close */
export function openLoopbackSocket(libc: Libc): { descriptor: number; address: { host: string; port: number } } {
  const descriptor = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bytes = addressLength(false);
  const address = new Int32Array(ADDRESS_BYTES / 4);
  writeAddress(address.buffer, 0, { host: LOOPBACK_HOST, port: 0 }, false);
  const length = Int32Array.of(bytes);
  const bound = libc.bind(descriptor, address, bytes) === 0 && libc.getsockname(descriptor, address, length) === 0;
  if (!bound) {
    libc.close(descriptor);
    throw new PathError('batched.unavailable', 'No loopback socket can be opened. Use --packet-path dgram.');
  }
  // A struct timeval: two 64-bit numbers, seconds and microseconds.
  const timeout = Int32Array.of(0, 0, TIMEOUT_MS * 1000, 0);
  libc.setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.byteLength);
  return { descriptor, address: readAddress(address.buffer, 0) };
}
