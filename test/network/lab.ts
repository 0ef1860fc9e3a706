/**
 * A small internet on this machine, of network namespaces: hosts, home routers of every kind, delay and loss. Linux, as root;
 * {@link whyNoLab} says whether there can be one. README.md tells how a test is written.
 */
import { Host, type HostOptions } from './parts/host.ts';
import { Internet } from './parts/internet.ts';
import { Nat, type NatOptions } from './parts/nat.ts';
import type { NatKind } from './parts/nat-rules.ts';
import type { Place } from './parts/place.ts';
import { removeLeftovers, Spaces } from './parts/space.ts';
import { type LabNats, startNats } from './servers/nats.ts';
import { type LabTurn, startTurn } from './servers/turn.ts';
import type { Conditions } from './wire/delay-line.ts';
import { Wires } from './wire/wires.ts';

/** A round trip of 40 ms: between two homes of one country. */
export const DELAY_MS = 20;
const SEED = 1;

export interface LabOptions {
  /** One way between any two sites, in ms. Default 20. */
  readonly delayMs?: number;
  /** Share of UDP datagrams lost between any two sites, 0..1. Default 0. */
  readonly loss?: number;
  /** Of what is lost. */
  readonly seed?: number;
}

/** Where a peer may sit. */
export type SiteKind = 'public' | NatKind | 'carrier-grade';

/** Somewhere on the internet, or behind a router: hosts can be put there, come there and join it. */
export interface Site extends Place {
  host(options?: HostOptions): Promise<Host>;
}

export class Lab implements Site, AsyncDisposable {
  readonly #spaces: Spaces;
  readonly #wires: Wires;
  readonly #internet: Internet;

  private constructor(spaces: Spaces, wires: Wires, internet: Internet) {
    this.#spaces = spaces;
    this.#wires = wires;
    this.#internet = internet;
  }

  /** @throws {Error} where there can be no lab */
  static async start({ delayMs = DELAY_MS, loss = 0, seed = SEED }: LabOptions = {}): Promise<Lab> {
    await removeLeftovers();
    const spaces = new Spaces();
    const wires = await Wires.open(seed);
    try {
      const internet = await Internet.open(await spaces.make('inet'), wires, halfOf({ delayMs, loss }));
      return new Lab(spaces, wires, internet);
    } catch (error) {
      await dispose(spaces, wires);
      throw error;
    }
  }

  /** A host with a public address. */
  async host({ families = 'ipv4' }: HostOptions = {}): Promise<Host> {
    return Host.start(await this.#spaces.make('host'), this.#internet, families);
  }

  /** A home's router of this kind. */
  nat(kind: NatKind, options: NatOptions = {}): Promise<Nat> {
    return Nat.start(this.#spaces, this.#internet, kind, { ...options, role: 'home' });
  }

  /** A carrier's router, which has homes' routers behind it. */
  carrier(options: NatOptions = {}): Promise<Nat> {
    return Nat.start(this.#spaces, this.#internet, 'port-restricted', { ...options, role: 'carrier' });
  }

  /** Any of these, for tables of who reaches whom. */
  async site(kind: SiteKind, options: NatOptions = {}): Promise<Site> {
    if (kind === 'public') return this;
    if (kind === 'carrier-grade') return (await this.carrier()).nat('port-restricted');
    return this.nat(kind, options);
  }

  /** A NATS server that all sites reach. */
  async nats(): Promise<LabNats> {
    return startNats(await this.host({ families: 'both' }));
  }

  /** A TURN server, which is one of STUN too. */
  async turn(): Promise<LabTurn> {
    return startTurn(await this.host({ families: 'both' }));
  }

  /** Connects a computer with the internet. */
  plug(...given: Parameters<Place['plug']>): ReturnType<Place['plug']> {
    return this.#internet.plug(...given);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await dispose(this.#spaces, this.#wires);
  }
}

/** Wires last, so that programs can say goodbye. */
async function dispose(spaces: Spaces, wires: Wires): Promise<void> {
  try {
    await spaces[Symbol.asyncDispose]();
  } finally {
    await wires[Symbol.asyncDispose]();
  }
}

/** What one of two wires has of a path's conditions. */
export function halfOf({ delayMs, loss }: Conditions): Conditions {
  return { delayMs: delayMs / 2, loss: 1 - Math.sqrt(1 - loss) };
}
