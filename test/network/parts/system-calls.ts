/** The system calls by which a lab reaches into its namespaces, by FFI: Linux on x64 and arm64. */
import { constants } from 'node:fs';
import koffi from 'koffi';

const CLONE_NEWNET = 0x4000_0000;
/** ioctls of a TUN device's descriptor (include/uapi/linux/if_tun.h). */
const TUNSETIFF = 0x4004_54ca;
const TUNSETCARRIER = 0x4004_54e2;
/** Packets without Ethernet's header, and without the four bytes that Linux would put in front. */
const IFF_TUN_NO_PI = 0x1001;
/** `struct ifreq`: the device's name in 16 bytes, then its flags. */
const IFREQ_BYTES = 40;
const IFREQ_NAME_BYTES = 16;

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0x8_0000;
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;
const SOL_SOCKET = 1;
const SO_SNDTIMEO = 21;
/** How long a connection may take to come about, in s: this thread stands still meanwhile. */
const CONNECTS_WITHIN_S = 5;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

export const POLLIN = 1;

const SCHED_RR = 2;
/** Of 1 to 99: above programs that tests start with a priority of 10. */
const AHEAD = 20;

// null is the running program, which has its C library loaded, whatever that is called here.
const library = koffi.load(null);
const setnsCall = library.func('int setns(int, int)');
const openCall = library.func('int open(const char *, int, ...)');
const ioctlCall = library.func('int ioctl(int, unsigned long, void *)');
const socketCall = library.func('int socket(int, int, int)');
const setsockoptCall = library.func('int setsockopt(int, int, int, void *, unsigned int)');
const bindCall = library.func('int bind(int, void *, unsigned int)');
const scheduleCall = library.func('int sched_setscheduler(int, int, void *)');
const connectCall = library.func('int connect(int, void *, unsigned int)');
const closeCall = library.func('int close(int)');
const readCall = library.func('intptr_t read(int, void *, size_t)');
const writeCall = library.func('intptr_t write(int, void *, size_t)');
const ppollCall = library.func('int ppoll(void *, unsigned long, void *, void *)');

/** Puts the calling thread, and no other, into the network namespace that a descriptor stands for. @throws {Error} */
export function enterNamespace(descriptor: number): void {
  checked('setns', setnsCall(descriptor, CLONE_NEWNET));
}

/** Makes a TUN device in the calling thread's namespace; it lives as long as its descriptor, which never blocks. @throws {Error} */
export function openTun(device: string): number {
  const { O_RDWR, O_NONBLOCK } = constants;
  const descriptor = checked('open /dev/net/tun', openCall('/dev/net/tun', O_RDWR | O_NONBLOCK | O_CLOEXEC));
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(device, 0);
  request.writeUInt16LE(IFF_TUN_NO_PI, IFREQ_NAME_BYTES);
  checked(`TUNSETIFF ${device}`, ioctlCall(descriptor, TUNSETIFF, request));
  return descriptor;
}

/** Of open(2): the descriptor is not for programs that are started later. Node names it nowhere. */
const O_CLOEXEC = 0x8_0000;

/** Pulls a TUN device's cable, or puts it in again. @throws {Error} */
export function setCarrier(tun: number, carrier: boolean): void {
  checked('TUNSETCARRIER', ioctlCall(tun, TUNSETCARRIER, Int32Array.of(carrier ? 1 : 0)));
}

/** A UDP socket in the calling thread's namespace, on all its addresses of one family. @param port 0 for any @throws {Error} */
export function openUdpSocket(family: 'ipv4' | 'ipv6', port: number): number {
  const ipv6 = family === 'ipv6';
  const descriptor = checked('socket', socketCall(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (ipv6) setsockoptCall(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, Int32Array.of(1), 4);
  const address = Buffer.alloc(ipv6 ? SOCKADDR_IN6_BYTES : SOCKADDR_IN_BYTES);
  address.writeUInt16LE(ipv6 ? AF_INET6 : AF_INET, 0);
  address.writeUInt16BE(port, 2);
  try {
    checked(`bind to UDP port ${port}`, bindCall(descriptor, address, address.length));
  } catch (error) {
    closeCall(descriptor);
    throw error;
  }
  return descriptor;
}

/** A TCP connection from the calling thread's namespace, which waits for it. @throws {Error} if it does not come about within 5 s */
export function openTcpConnection(ipv4: string, port: number): number {
  const descriptor = checked('socket', socketCall(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // Of a connection too this is the limit (socket(7)).
  setsockoptCall(descriptor, SOL_SOCKET, SO_SNDTIMEO, BigInt64Array.of(BigInt(CONNECTS_WITHIN_S), 0n), 16);
  const address = Buffer.alloc(SOCKADDR_IN_BYTES);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, 2);
  Buffer.from(ipv4.split('.').map(Number)).copy(address, 4);
  try {
    // A signal, of a child that has ended for one, breaks the wait off: it goes on with the same call.
    let connected = connectCall(descriptor, address, address.length);
    while (connected < 0 && koffi.errno() === koffi.os.errno.EINTR) {
      connected = connectCall(descriptor, address, address.length);
    }
    checked(`connect to ${ipv4}:${port}`, connected);
  } catch (error) {
    closeCall(descriptor);
    throw error;
  }
  return descriptor;
}

export function closeDescriptor(descriptor: number): void {
  closeCall(descriptor);
}

/** The calling thread runs ahead of whatever else the machine does, where that is allowed: it has little to do, and must not be late. */
export function runAhead(): void {
  scheduleCall(0, SCHED_RR, Int32Array.of(AHEAD));
}

/** Reads a packet. @returns its length, or -1 if there is none */
export function readPacket(tun: number, into: Buffer): number {
  return readCall(tun, into, into.length);
}

/** Writes a packet. A device that is down takes none: then it is lost, as on any wire. */
export function writePacket(tun: number, packet: Buffer): void {
  writeCall(tun, packet, packet.length);
}

/** Waits for any of these to be readable, at most so long. @param polled `struct pollfd`s: descriptor, then events in a word */
export function waitReadable(polled: Int32Array, ms: number): void {
  const seconds = Math.floor(ms / 1_000);
  const nanoseconds = Math.floor((ms - seconds * 1_000) * 1_000_000);
  const time = BigInt64Array.of(BigInt(seconds), BigInt(nanoseconds));
  ppollCall(polled, polled.length / 2, time, null);
}

function checked(call: string, result: number): number {
  if (result >= 0) return result;
  const code = Object.entries(koffi.os.errno).find(([, number]) => number === koffi.errno())?.[0];
  throw new Error(`${call} failed in the network lab: ${code ?? koffi.errno()}`);
}
