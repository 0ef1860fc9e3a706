/** Where a process's machine is, and where it has been. */
import type { InterfaceAddress } from '../../../../infra/network/interfaces.ts';
import { scopeOf } from '../../../../infra/network/scope.ts';
import type { Site } from '../network/internet.ts';
import type { Place } from '../network/place.ts';

export class Whereabouts<T> {
  #site: Site<T>;
  /** Since when, in virtual ms. */
  readonly #places: { readonly place: Place; readonly atMs: number }[] = [];

  constructor(site: Site<T>, nowMs: number) {
    this.#site = site;
    this.moveTo(site, nowMs);
  }

  get site(): Site<T> {
    return this.#site;
  }

  /** The addresses that its machine has. */
  get interfaces(): InterfaceAddress[] {
    const { host } = this.#site.address;
    return [{ host, scope: scopeOf(host) }];
  }

  moveTo(site: Site<T>, nowMs: number): void {
    this.#site = site;
    this.#places.push({ place: site.place, atMs: nowMs });
  }

  placeAt(atMs: number): Place {
    return this.#places.findLast((place) => place.atMs <= atMs)?.place ?? this.#site.place;
  }
}
