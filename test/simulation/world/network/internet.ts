/** Who is at which address, which routers stand between them, and what becomes of a packet on its way. */

import type { Endpoint } from '../../../../infra/path/contract.ts';
import { endpointText } from '../../../../infra/path/table/addresses.ts';
import type { Place } from './place.ts';
import { Router } from './router.ts';

/** A number of 16 bits as the rest of an address. */
const rest = (number: number) => `${number >> 8}.${number & 0xff}`;

/** Hosts by host and port: asked for every packet, so no text is put together for it. */
class Hosts<T> {
  readonly #tenants = new Map<string, Map<number, T>>();

  set({ host, port }: Endpoint, tenant: T): void {
    const ports = this.#tenants.get(host) ?? new Map<number, T>();
    this.#tenants.set(host, ports.set(port, tenant));
  }

  delete({ host, port }: Endpoint): void {
    this.#tenants.get(host)?.delete(port);
  }

  get({ host, port }: Endpoint): T | undefined {
    return this.#tenants.get(host)?.get(port);
  }
}

/** A network whose hosts reach each other. */
interface Segment<T> {
  readonly hosts: Hosts<T>;
  /** The way out; null: there is none, or none is needed. */
  readonly router: Router | null;
}

/** Where a member's socket is. */
export interface Site<T> {
  readonly place: Place;
  readonly segment: Segment<T>;
  readonly address: Endpoint;
}

/** A packet that has left towards somebody. */
export interface Passage<T> {
  readonly to: T;
  /** As whom its receiver sees the sender. */
  readonly from: Endpoint;
  /** It stays in the network that its sender is in. */
  readonly isNear: boolean;
  /** To be asked when it arrives: whether the receiver's router lets it in, and still knows whose it is. */
  readonly arrives: (nowMs: number) => boolean;
}

export class Internet<T> {
  readonly #open: Segment<T> = { hosts: new Hosts(), router: null };
  readonly #lan: Segment<T> = { hosts: new Hosts(), router: null };
  readonly #homes = new Map<string, Segment<T>>();
  readonly #routers = new Map<string, Router>();
  /** All addresses that anybody has had, but for routers' ports. */
  readonly #had = new Set<string>();
  #hosts = 0;

  /** An address that nobody has had, for a socket with this port. */
  siteAt(place: Place, port: number): Site<T> {
    this.#hosts += 1;
    if (place === 'lan') return this.#site(place, this.#lan, { host: `10.0.${rest(this.#hosts)}`, port });
    if (place === 'open') return this.#site(place, this.#open, { host: `203.0.${rest(0x7100 + this.#hosts)}`, port });
    const home = this.#homes.get(place.router) ?? this.#newHome(place);
    return this.#site(place, home, { host: `192.168.${rest(this.#hosts)}`, port });
  }

  enter({ segment, address }: Site<T>, tenant: T): void {
    segment.hosts.set(address, tenant);
  }

  /** Nobody is there any more: what is still sent there is lost. */
  leave({ segment, address }: Site<T>): void {
    segment.hosts.delete(address);
  }

  /** The router of this site starts anew. */
  rebind({ segment }: Site<T>): void {
    segment.router?.rebind();
  }

  /** A packet leaves. `lost`: nobody is there for who sends from here; `strange`: no member has ever been there. */
  send({ segment, address }: Site<T>, to: Endpoint, nowMs: number): Passage<T> | 'lost' | 'strange' {
    const near = segment.hosts.get(to);
    if (near !== undefined) return { to: near, from: address, isNear: true, arrives: always };
    const { router } = segment;
    const from = router === null || isInside(to) ? address : router.out(address, to, nowMs);
    return this.#passageFrom(from, segment, to) ?? (this.#isKnown(to) ? 'lost' : 'strange');
  }

  #passageFrom(from: Endpoint, segment: Segment<T>, to: Endpoint): Passage<T> | undefined {
    // The one network without a router is no part of the internet.
    if (segment === this.#lan) return undefined;
    const there = this.#open.hosts.get(to);
    if (there !== undefined) return { to: there, from, isNear: false, arrives: always };
    const router = this.#routers.get(to.host);
    const inside = router?.insideOf(to.port);
    const receiver = inside && this.#homes.get(router?.name ?? '')?.hosts.get(inside);
    if (router === undefined || receiver === undefined || router === segment.router) return undefined;
    const arrives = (nowMs: number) => router.insideOf(to.port) === inside && router.letsIn(to.port, from, nowMs);
    return { to: receiver, from, isNear: false, arrives };
  }

  #isKnown(to: Endpoint): boolean {
    return this.#had.has(endpointText(to)) || this.#routers.get(to.host)?.hasUsed(to.port) === true;
  }

  #site(place: Place, segment: Segment<T>, address: Endpoint): Site<T> {
    this.#had.add(endpointText(address));
    return { place, segment, address };
  }

  #newHome(place: Exclude<Place, string>): Segment<T> {
    const router = new Router(place, `198.51.${rest(0x6400 + this.#routers.size + 1)}`);
    const home = { hosts: new Hosts<T>(), router };
    this.#routers.set(router.host, router);
    this.#homes.set(place.router, home);
    return home;
  }
}

/** Addresses that routers pass nowhere. */
function isInside({ host }: Endpoint): boolean {
  return host.startsWith('192.168.') || host.startsWith('10.');
}

function always(): boolean {
  return true;
}
