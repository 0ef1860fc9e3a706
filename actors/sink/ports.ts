/** Which ports remote streams are played to. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from '../../infra/path/contract.ts';
import { LOOPBACK_HOST } from '../../infra/path/table/addresses.ts';
import { SinkError } from './contract.ts';
import { isFree, isSystemError, Outlet } from './outlet.ts';

/** Opens outlets, each to a port of its own; a port is free again when its outlet is closed. */
export interface Ports {
  /**
   * @param kept ports that are not to be taken: whoever had them may come back
   * @param before the port that this stream had before; it is taken again unless another stream has it now
   * @throws {SinkError} `sink.ports`, `sink.socket`
   */
  open(kept: ReadonlySet<number>, before?: number): Promise<Outlet>;
  close(outlet: Outlet): Promise<void>;
}

/** RTP has an even port, RTCP the next one (RFC 3550 section 11). */
const PORTS_PER_STREAM = 2;
const MAX_PORT = 0xffff;

/** `to` for the first stream, two ports above for the next; the lowest that is free comes first. */
export class SteppedPorts implements Ports {
  readonly #first: Endpoint;
  readonly #taken = new Set<number>();
  /** By port, from which it was played to: some players tie a stream to that for good, as rtpbin of GStreamer does. */
  readonly #from = new Map<number, number>();

  constructor(first: Endpoint) {
    this.#first = first;
  }

  async open(kept: ReadonlySet<number>, before?: number): Promise<Outlet> {
    const { host } = this.#first;
    const port = before === undefined || this.#taken.has(before) ? this.#lowestFree(kept) : before;
    this.#taken.add(port);
    try {
      const outlet = await this.#openTo({ host, port });
      this.#from.set(port, outlet.fromPort);
      return outlet;
    } catch (error) {
      this.#taken.delete(port);
      throw socketError(error);
    }
  }

  async close(outlet: Outlet): Promise<void> {
    this.#taken.delete(outlet.to.port);
    await outlet.close();
  }

  async #openTo(to: Endpoint): Promise<Outlet> {
    const host = to.host.includes(':') ? '::' : '0.0.0.0';
    const before = this.#from.get(to.port);
    if (before === undefined) return Outlet.open({ host, port: 0 }, to);
    try {
      return await Outlet.open({ host, port: before }, to);
    } catch {
      // Somebody else has it meanwhile.
      return Outlet.open({ host, port: 0 }, to);
    }
  }

  #lowestFree(kept: ReadonlySet<number>): number {
    let { port } = this.#first;
    while (this.#taken.has(port) || kept.has(port)) port += PORTS_PER_STREAM;
    // The RTCP port has to exist, too.
    if (port < MAX_PORT) return port;
    throw new SinkError('sink.ports', 'No UDP port is left for another stream. Give --sink rtp: a lower PORT.');
  }
}

/**
 * Where free ports are looked for: the range that is customary for RTP, and below those that Linux (32768), macOS and
 * Windows (49152) hand out by themselves, so that no other program gets one by chance before a player opens it.
 */
const SEARCH_FROM = 16_384;
const SEARCH_TO = 32_764;
/** Two to play to, two to send from. */
const BLOCK = 4;
const SEND_OFFSET = 2;
/** Another peer that looks for free ports has the two to send from for a millisecond; one that has them for longer plays there. */
const AGAIN_ATTEMPTS = 5;
const AGAIN_PAUSE_MS = 10;

/**
 * Free ports of this machine. A player takes its ports only later, so they cannot be held; instead the two above are bound to
 * send from, and by them peers on one machine know of each other's choice.
 */
export class FreePorts implements Ports {
  async open(kept: ReadonlySet<number>, before?: number): Promise<Outlet> {
    const again = before === undefined ? undefined : await this.#openAgain(before);
    if (again !== undefined) return again;
    for (let port = SEARCH_FROM; port < SEARCH_TO; port += BLOCK) {
      if (kept.has(port)) continue;
      const outlet = await this.#tryOpen(port);
      if (outlet === undefined) continue;
      if ((await isFree(LOOPBACK_HOST, port)) && (await isFree(LOOPBACK_HOST, port + 1))) return outlet;
      await outlet.close();
    }
    throw new SinkError('sink.ports', `No UDP port from ${SEARCH_FROM} to ${SEARCH_TO} is free on this machine.`);
  }

  close(outlet: Outlet): Promise<void> {
    return outlet.close();
  }

  /** It is not asked whether the port is free: the player that opened it may still run. */
  async #openAgain(port: number): Promise<Outlet | undefined> {
    for (let attempt = 1; attempt <= AGAIN_ATTEMPTS; attempt++) {
      const outlet = await this.#tryOpen(port);
      if (outlet !== undefined) return outlet;
      await delay(AGAIN_PAUSE_MS);
    }
    return undefined;
  }

  async #tryOpen(port: number): Promise<Outlet | undefined> {
    const host = LOOPBACK_HOST;
    try {
      return await Outlet.open({ host, port: port + SEND_OFFSET }, { host, port });
    } catch (error) {
      if (isSystemError(error) && error.code === 'EADDRINUSE') return undefined;
      throw socketError(error);
    }
  }
}

function socketError(cause: unknown): SinkError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SinkError('sink.socket', `Cannot open a UDP socket to play to: ${reason}.`, { cause });
}
