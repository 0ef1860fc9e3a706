/** A router with a LAN behind it, and what may happen to it. */
import type { Tethered, TetheredOptions } from '../../../infra/process/tethered.ts';
import { startPortMapping } from '../servers/port-mapping.ts';
import type { Wire } from '../wire/wires.ts';
import { Host, type HostOptions } from './host.ts';
import type { Site } from './internet.ts';
import { CARRIER_NETWORK, HOME_NETWORK, Lan } from './lan.ts';
import { type NatKind, natRules, WAN_DEVICE } from './nat-rules.ts';
import { AS_ROUTERS_ARE, type Families, type Place, type Plug, type PlugOptions } from './place.ts';
import type { Space, Spaces } from './space.ts';

/** As Linux forgets: a UDP mapping that nobody has answered, and one in use. In seconds. */
const FORGET_UNANSWERED_S = 30;
const FORGET_S = 120;

export interface NatOptions {
  /** Default: IPv4 alone. IPv6 is not translated: the router lets in who has been spoken to. */
  readonly families?: Families;
  /** It forgets UDP after so many seconds of silence. Default: after 30 before an answer and 120 after, as Linux does. */
  readonly forgetS?: number;
  /** Serves NAT-PMP, PCP and UPnP, by miniupnpd. It then keeps ports as they are. */
  readonly portMapping?: boolean;
}

/** A router's way out: the internet, or a carrier's LAN. */
export interface Upstream extends Place {
  plug(space: Space, options: PlugOptions): Promise<Plug | Site>;
}

export class Nat implements Place {
  readonly #spaces: Spaces;
  readonly #space: Space;
  readonly #plug: Plug;
  readonly #lan: Lan;
  readonly #rules: Parameters<typeof natRules>[0];
  readonly #families: Families;
  #starts = 0;
  #portMapping: AsyncDisposable | undefined;

  private constructor(
    parts: { spaces: Spaces; space: Space; plug: Plug; lan: Lan },
    network: string,
    kind: NatKind,
    options: NatOptions,
  ) {
    this.#spaces = parts.spaces;
    this.#space = parts.space;
    this.#plug = parts.plug;
    this.#lan = parts.lan;
    this.#families = options.families ?? 'ipv4';
    const { forgetS = FORGET_S, portMapping = false } = options;
    this.#rules = { kind, network, forgetS, starts: 0, keepsPorts: portMapping };
  }

  /** For the lab and its carriers. @param role a carrier's LAN has other addresses than a home's */
  static async start(
    spaces: Spaces,
    upstream: Upstream,
    kind: NatKind,
    options: NatOptions & { readonly role: 'home' | 'carrier' },
  ): Promise<Nat> {
    const { role, families = 'ipv4', forgetS } = options;
    const space = await spaces.make(role);
    await space.run(
      ...AS_ROUTERS_ARE,
      `sysctl -qw net.netfilter.nf_conntrack_udp_timeout=${forgetS ?? FORGET_UNANSWERED_S}`,
      `sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream=${forgetS ?? FORGET_S}`,
    );
    const plug = await upstream.plug(space, { device: WAN_DEVICE, families, metric: 0 });
    const network = role === 'home' ? HOME_NETWORK : CARRIER_NETWORK;
    const ipv6 = 'innerIpv6' in plug ? plug.innerIpv6 : undefined;
    const lan = await Lan.open(space, { ipv4: network, ipv6, families });
    const nat = new Nat({ spaces, space, plug, lan }, network, kind, options);
    await nat.#start();
    return nat;
  }

  /** Its outside IPv4 address. @throws {Error} if it has none */
  get ipv4(): string {
    const { ipv4 } = this.#plug.addresses;
    if (ipv4 === undefined) throw new Error('this router of the lab has no IPv4 address');
    return ipv4;
  }

  /** Its wire to the internet. @throws {Error} behind a carrier's router: the wire is the carrier's */
  get wire(): Wire {
    if (this.#plug.wire === undefined)
      throw new Error('this router of the lab is behind another: the wire is that one’s');
    return this.#plug.wire;
  }

  /** Another computer behind it. */
  async host(options: HostOptions = {}): Promise<Host> {
    return Host.start(await this.#spaces.make('host'), this, options.families ?? this.#families);
  }

  /** A home's router behind this one, a carrier's. */
  nat(kind: NatKind, options: Omit<NatOptions, 'families'> = {}): Promise<Nat> {
    return Nat.start(this.#spaces, this, kind, { ...options, role: 'home' });
  }

  plug(space: Space, options: PlugOptions): Promise<Plug> {
    return this.#lan.plug(space, options);
  }

  /** Another outside address. What was mapped to the old one is forgotten, and mapped to other ports. */
  async changeAddress(): Promise<void> {
    await this.#plug.changeAddresses();
    await this.reboot();
  }

  /** It forgets all connections, and maps ports in another way afterwards (not if it serves port mappings). */
  async reboot(): Promise<void> {
    this.#starts++;
    await this.#start();
  }

  /** Pulls its cable to the outside. */
  unplug(): Promise<void> {
    return this.#plug.pull();
  }

  plugIn(): Promise<void> {
    return this.#plug.plugIn();
  }

  /** Runs lines of shell on the router as one script that ends at the first failure. @returns its output @throws {Error} with its words */
  run(...lines: readonly string[]): Promise<string> {
    return this.#space.run(...lines);
  }

  /** Starts a program on it, which ends with the lab at the latest. */
  spawn(command: readonly string[], options: TetheredOptions = {}): Tethered {
    return this.#space.spawn(command, options);
  }

  /** How many UDP connections it remembers. */
  async remembered(): Promise<number> {
    // conntrack tells on standard error how many it has listed.
    const listed = await this.#space.run('conntrack -L -p udp 2>/dev/null');
    return listed.split('\n').filter((line) => line !== '').length;
  }

  async #start(): Promise<void> {
    await this.#portMapping?.[Symbol.asyncDispose]();
    await this.#space.command('nft', natRules({ ...this.#rules, starts: this.#starts }));
    await this.#space.command('conntrack', '-F');
    if (this.#rules.keepsPorts) this.#portMapping = await startPortMapping(this.#space);
  }
}
