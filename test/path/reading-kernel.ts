/** A kernel that takes whatever it is told to send, and tells what it was: read where the messages point to. */
import koffi from 'koffi';
import { SOL_UDP, UDP_SEGMENT } from '../../infra/path/batched/libc.ts';

/** One message of sendmmsg(2), as datagrams. */
export interface SentMessage {
  readonly port: number;
  readonly datagrams: readonly Uint8Array[];
}

/** Offsets in a `struct mmsghdr` of 64-bit Linux (recvmmsg(2)), in bytes, written down once more than where it is filled in. */
const MESSAGE = { name: 0, vectors: 16, vectorCount: 24, control: 32, controlBytes: 40, size: 64 } as const;
const VECTOR = { base: 0, bytes: 8, size: 16 } as const;
const CONTROL = { level: 8, type: 12, data: 16 } as const;
/** In a `sockaddr_in` as in a `sockaddr_in6`. */
const PORT = 2;

export class ReadingKernel {
  readonly sent: SentMessage[] = [];

  sendmmsg(_descriptor: number, messages: number, count: number): number {
    for (let message = 0; message < count; message++) this.sent.push(readMessage(messages + message * MESSAGE.size));
    return count;
  }

  errno(): number {
    return 0;
  }
}

function readMessage(address: number): SentMessage {
  const header = viewOf(address, MESSAGE.size);
  const vectors = viewOf(pointerAt(header, MESSAGE.vectors), header.getInt32(MESSAGE.vectorCount, true) * VECTOR.size);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < vectors.byteLength; at += VECTOR.size) {
    const bytes = vectors.getInt32(at + VECTOR.bytes, true);
    parts.push(new Uint8Array(koffi.view(pointerAt(vectors, at + VECTOR.base), bytes)));
  }
  const whole = Buffer.concat(parts);
  const port = viewOf(pointerAt(header, MESSAGE.name), PORT + 2).getUint16(PORT);
  const controlBytes = header.getInt32(MESSAGE.controlBytes, true);
  if (controlBytes === 0) return { port, datagrams: [whole] };
  const control = viewOf(pointerAt(header, MESSAGE.control), controlBytes);
  return { port, datagrams: cut(whole, segmentSize(control)) };
}

function segmentSize(control: DataView): number {
  if (control.getInt32(CONTROL.level, true) !== SOL_UDP || control.getInt32(CONTROL.type, true) !== UDP_SEGMENT)
    throw new Error('The message has a control message that no kernel would take for UDP GSO.');
  return control.getUint16(CONTROL.data, true);
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) datagrams.push(bytes.subarray(at, at + size));
  return datagrams;
}

function viewOf(address: number, bytes: number): DataView {
  return new DataView(koffi.view(address, bytes));
}

function pointerAt(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
