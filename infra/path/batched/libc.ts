/** The few system calls that Node has no binding for, by FFI: Linux on x64 and arm64, glibc or musl. */
import koffi from 'koffi';

/**
 * An address in this process: a number, since programs get none above 2^52, and bigints would be allocated for each
 * call. Keeps nothing alive: whoever passes one also holds what it points to.
 */
export type Pointer = number;

/** Of a call that failed, `errno` says why; both as in the manual pages of section 2. */
export interface Libc {
  /** Returns how many messages were received, or -1. `timeout` is not used: it is broken (recvmmsg(2), BUGS). */
  recvmmsg(descriptor: number, messages: Pointer, count: number, flags: number, timeout: typeof NO_POINTER): number;
  /** Returns how many messages were sent, or -1 if not even the first was. */
  sendmmsg(descriptor: number, messages: Pointer, count: number, flags: number): number;
  socket(family: number, type: number, protocol: number): number;
  bind(descriptor: number, address: Int32Array, bytes: number): number;
  getsockname(descriptor: number, address: Int32Array, bytes: Int32Array): number;
  setsockopt(descriptor: number, level: number, option: number, value: Int32Array, bytes: number): number;
  ioctl(descriptor: number, request: number, value: Int32Array): number;
  fcntl(descriptor: number, command: number, value: number): number;
  /** `polled` is an array of `struct pollfd`: descriptor, then events in the low half of a word. Waits `ms` at most. */
  poll(polled: Int32Array, count: number, ms: number): number;
  shutdown(descriptor: number, how: number): number;
  dup(descriptor: number): number;
  close(descriptor: number): number;
  /** Writes a `struct timespec` of the clock. */
  clock_gettime(clock: number, into: Int32Array): number;
  errno(): number;
}

/** NULL. */
export const NO_POINTER = 0;

/** Constants of Linux's generic ABI (include/uapi/asm-generic, include/linux/socket.h); x64 and arm64 share them. */
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_WAITFORONE = 0x1_0000;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_RCVTIMEO = 20;
export const SO_ATTACH_FILTER = 26;
export const SO_DETACH_FILTER = 27;
/** Of 64-bit systems, and the type of the control message that it leads to. */
export const SO_TIMESTAMPNS = 35;
export const CLOCK_REALTIME = 0;
export const SOL_IP = 0;
export const IP_PKTINFO = 8;
export const SOL_IPV6 = 41;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const SOL_UDP = 17;
export const UDP_SEGMENT = 103;
export const SHUT_RD = 0;
export const POLLIN = 1;
export const POLLOUT = 4;
export const F_SETFL = 4;
export const SIOCOUTQ = 0x5411;
export const SOCK_DGRAM = 2;
export const SOCK_CLOEXEC = 0x8_0000;
export const AF_INET = 2;
export const AF_INET6 = 10;

export const ERRNO = {
  EINTR: 4,
  EIO: 5,
  EBADF: 9,
  EAGAIN: 11,
  EFAULT: 14,
  EINVAL: 22,
  ENOTSOCK: 88,
  EMSGSIZE: 90,
  ENOBUFS: 105,
} as const;

let loaded: Libc | undefined;

/** @throws {Error} if the C library cannot be reached */
export function loadLibc(): Libc {
  loaded ??= bind();
  return loaded;
}

/** Memory that the kernel may be given the address of: it stays in place, and lives as long as this object. */
export class NativeMemory {
  readonly buffer: ArrayBuffer;
  readonly address: Pointer;
  /** The lower and the upper half of {@link address}, as signed words; `low + offset` never carries. */
  readonly low: number;
  readonly high: number;

  constructor(bytes: number) {
    this.buffer = allocateWithinOneUpperHalf(bytes);
    const address: bigint = koffi.address(this.buffer);
    this.address = Number(address);
    this.low = Number(BigInt.asIntN(32, address));
    this.high = Number(BigInt.asIntN(32, address >> 32n));
  }
}

/** Tries again for the rare block that spans a multiple of 4 GB, holding it so that the next one lies elsewhere. */
function allocateWithinOneUpperHalf(bytes: number): ArrayBuffer {
  const spanning: ArrayBuffer[] = [];
  for (;;) {
    const buffer = new ArrayBuffer(bytes);
    const address: bigint = koffi.address(buffer);
    if (address >> 32n === (address + BigInt(bytes)) >> 32n) return buffer;
    spanning.push(buffer);
  }
}

function bind(): Libc {
  // null is the running program, which has its C library loaded, whatever that is called here.
  const library = koffi.load(null);
  return {
    recvmmsg: library.func('int recvmmsg(int, intptr_t, unsigned int, int, intptr_t)'),
    sendmmsg: library.func('int sendmmsg(int, intptr_t, unsigned int, int)'),
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, void *, unsigned int)'),
    getsockname: library.func('int getsockname(int, void *, void *)'),
    setsockopt: library.func('int setsockopt(int, int, int, void *, unsigned int)'),
    ioctl: library.func('int ioctl(int, unsigned long, void *)'),
    fcntl: library.func('int fcntl(int, int, int)'),
    poll: library.func('int poll(void *, unsigned long, int)'),
    shutdown: library.func('int shutdown(int, int)'),
    dup: library.func('int dup(int)'),
    close: library.func('int close(int)'),
    clock_gettime: library.func('int clock_gettime(int, void *)'),
    errno: () => koffi.errno(),
  };
}
