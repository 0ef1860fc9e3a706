/** A computer of a lab: with one network or several, and what may happen to it. */

import { Socket } from 'node:net';
import type { Tethered, TetheredOptions } from '../../../infra/process/tethered.ts';
import type { Wire } from '../wire/wires.ts';
import { type Addresses, AS_COMPUTERS_ARE, type Families, type Place, type Plug } from './place.ts';
import { type Endpoint, Probe } from './probe.ts';
import type { Space } from './space.ts';
import { openTcpConnection } from './system-calls.ts';

export interface HostOptions {
  /** Default: IPv4 alone on the internet, behind a router what its LAN has. */
  readonly families?: Families;
}

/** Of the default routes the one of the first network wins. */
const METRIC = 100;

export class Host {
  readonly #space: Space;
  readonly #families: Families;
  readonly #plugs: Plug[] = [];
  #devices = 0;

  private constructor(space: Space, families: Families) {
    this.#space = space;
    this.#families = families;
  }

  /** For the lab's sites. */
  static async start(space: Space, place: Place, families: Families): Promise<Host> {
    const host = new Host(space, families);
    await space.run(...AS_COMPUTERS_ARE);
    await host.join(place);
    return host;
  }

  /** Its IPv4 address on its first network. @throws {Error} if it has none */
  get ipv4(): string {
    return there(this.addresses[0]?.ipv4, 'IPv4');
  }

  /** Its IPv6 address on its first network. @throws {Error} if it has none */
  get ipv6(): string {
    return there(this.addresses[0]?.ipv6, 'IPv6');
  }

  /** Its router's IPv4 address in its first network. @throws {Error} if that has none */
  get router(): string {
    return there(this.#plugs[0]?.router, 'router with an IPv4');
  }

  /** Its addresses on each of its networks. */
  get addresses(): readonly Addresses[] {
    return this.#plugs.map((plug) => plug.addresses);
  }

  /** Whether this is one of its own addresses. */
  isAt(address: string): boolean {
    return this.addresses.some(({ ipv4, ipv6 }) => address === ipv4 || address === ipv6);
  }

  /** Its wire to the internet, where it has one of its own. @throws {Error} behind a router: the wire is the router's */
  get wire(): Wire {
    const wire = this.#plugs[0]?.wire;
    if (wire === undefined) throw new Error('this host of the lab is in a LAN: the wire is its router’s');
    return wire;
  }

  /** Starts a program on it, which ends with the lab at the latest. */
  spawn(command: readonly string[], options: TetheredOptions = {}): Tethered {
    return this.#space.spawn(command, options);
  }

  /** Runs lines of shell on it as one script that ends at the first failure. @returns its output @throws {Error} with its words */
  run(...lines: readonly string[]): Promise<string> {
    return this.#space.run(...lines);
  }

  /** A UDP socket on it that the test itself speaks through. @param port default: any */
  probe(options: { readonly port?: number; readonly family?: 'ipv4' | 'ipv6' } = {}): Promise<Probe> {
    return Probe.open(this.#space, options.family, options.port);
  }

  /** A TCP connection from it that the test itself speaks through; the test stands still until there is one. @throws {Error} */
  dial({ host, port }: Endpoint): Socket {
    return new Socket({ fd: this.#space.inside(() => openTcpConnection(host, port)) });
  }

  /** This goes when the host goes, before it. */
  keep<T extends AsyncDisposable>(thing: T): T {
    return this.#space.keep(thing);
  }

  /** Connects it with one more network; the default route stays with the first. */
  async join(place: Place): Promise<void> {
    const number = this.#devices++;
    const options = { device: `eth${number}`, families: this.#families, metric: METRIC + number };
    this.#plugs.push(await place.plug(this.#space, options));
  }

  /** It leaves its first network for this one, as a laptop goes from one Wi-Fi to another. */
  async moveTo(place: Place): Promise<void> {
    await this.#plugs.shift()?.remove();
    await this.join(place);
  }

  /** Another address on its first network, as DHCP may give; the old one is gone. */
  async changeAddress(): Promise<void> {
    await this.#plugs[0]?.changeAddresses();
  }

  /** Pulls the cable of its first network. */
  async unplug(): Promise<void> {
    await this.#plugs[0]?.pull();
  }

  async plugIn(): Promise<void> {
    await this.#plugs[0]?.plugIn();
  }
}

function there(address: string | undefined, family: string): string {
  if (address === undefined) throw new Error(`this host of the lab has no ${family} address`);
  return address;
}
