/**
 * Keeps strangers' datagrams out of the receive buffer: a flood of them would fill it whenever the program pauses for a few ms, and
 * what the call sends would find no room. The decision is the same as the path's own, made where it costs nothing.
 */
import type { Endpoint } from '../contract.ts';
import { type Libc, NativeMemory, SO_ATTACH_FILTER, SO_DETACH_FILTER, SOL_SOCKET } from './libc.ts';
import { duplicateSocket, loadLibcHere } from './shared-socket.ts';
import { type FilterProgram, strangerProgram } from './stranger-program.ts';

export class StrangerFilter {
  readonly #libc: Libc;
  readonly #descriptor: number;

  /**
   * A filter on the socket that is bound to `bound`; it takes everything at first.
   *
   * @throws {PathError} `batched.unavailable`
   */
  constructor(bound: Endpoint) {
    this.#libc = loadLibcHere();
    this.#descriptor = duplicateSocket(this.#libc, bound);
  }

  /**
   * From now on takes datagrams of `senders`, and of others a share of their STUN. Too many senders: everything, as without a filter.
   */
  allow(senders: readonly Endpoint[], share: number): void {
    const program = strangerProgram(senders, share);
    if (program === null || !this.#attach(program)) this.#setOption(SO_DETACH_FILTER, Int32Array.of(0));
  }

  close(): void {
    this.#libc.close(this.#descriptor);
  }

  #attach(program: FilterProgram): boolean {
    const memory = new NativeMemory(program.byteLength);
    new Int32Array(memory.buffer).set(program);
    // A struct sock_fprog: the number of instructions, and where they are.
    return this.#setOption(SO_ATTACH_FILTER, Int32Array.of(program.length / 2, 0, memory.low, memory.high));
  }

  #setOption(option: number, value: Int32Array): boolean {
    return this.#libc.setsockopt(this.#descriptor, SOL_SOCKET, option, value, value.byteLength) === 0;
  }
}
