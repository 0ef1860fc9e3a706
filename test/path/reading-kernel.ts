/** A kernel that takes whatever it is told to send, and tells what it was: read where the messages point to. */
import koffi from 'koffi';
import { SOL_UDP, UDP_SEGMENT } from '../../infra/path/batched/libc.ts';

/** One message of sendmmsg(2), as datagrams. */
export interface SentMessage {
  readonly port: number;
  readonly datagrams: readonly Uint8Array[];
}

const MESSAGE_BYTES = 64;
const VECTOR_BYTES = 16;

export class ReadingKernel {
  readonly sent: SentMessage[] = [];

  sendmmsg(_descriptor: number, messages: number, count: number): number {
    for (let message = 0; message < count; message++) this.sent.push(readMessage(messages + message * MESSAGE_BYTES));
    return count;
  }

  errno(): number {
    return 0;
  }
}

/** A `struct mmsghdr` of 64-bit Linux. */
function readMessage(address: number): SentMessage {
  const header = viewOf(address, MESSAGE_BYTES);
  const vectors = viewOf(pointerAt(header, 16), header.getInt32(24, true) * VECTOR_BYTES);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < vectors.byteLength; at += VECTOR_BYTES) {
    parts.push(bytesOf(viewOf(pointerAt(vectors, at), vectors.getInt32(at + 8, true))));
  }
  const port = viewOf(pointerAt(header, 0), 4).getUint16(2);
  const controlBytes = header.getInt32(40, true);
  if (controlBytes === 0) return { port, datagrams: [Buffer.concat(parts)] };
  return { port, datagrams: cut(Buffer.concat(parts), segmentSize(viewOf(pointerAt(header, 32), controlBytes))) };
}

function segmentSize(control: DataView): number {
  if (control.getInt32(8, true) !== SOL_UDP || control.getInt32(12, true) !== UDP_SEGMENT)
    throw new Error('The message has a control message that no kernel would take for UDP GSO.');
  return control.getUint16(16, true);
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) datagrams.push(bytes.subarray(at, at + size));
  return datagrams;
}

function viewOf(address: number, bytes: number): DataView {
  return new DataView(koffi.view(address, bytes));
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function pointerAt(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
