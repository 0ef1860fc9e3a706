/** Notices that this machine's addresses have changed: another Wi-Fi, a cable pulled, a VPN. */
import { type InterfaceAddress, interfaceAddresses } from '../../infra/network/interfaces.ts';
import { backgroundClock, type Clock } from '../clock.ts';

/** Node tells of no change by itself. A look costs some 50 microseconds. */
const EVERY_MS = 1000;

export interface InterfaceWatchOptions {
  /** The new addresses, whenever they are others than before. */
  readonly onChange: (addresses: readonly InterfaceAddress[]) => void;
  readonly clock?: Clock;
  readonly read?: () => readonly InterfaceAddress[];
}

export class InterfaceWatch {
  readonly #options: Required<InterfaceWatchOptions>;
  #addresses: readonly InterfaceAddress[];
  #cancel: () => void = () => undefined;

  constructor({ onChange, clock = backgroundClock, read = () => interfaceAddresses() }: InterfaceWatchOptions) {
    this.#options = { onChange, clock, read };
    this.#addresses = read();
    this.#wait();
  }

  /** As they were at the last look. */
  get addresses(): readonly InterfaceAddress[] {
    return this.#addresses;
  }

  close(): void {
    this.#cancel();
  }

  #wait(): void {
    this.#cancel = this.#options.clock.after(EVERY_MS, () => {
      this.#wait();
      this.#look();
    });
  }

  #look(): void {
    const addresses = this.#options.read();
    if (isSameSet(addresses, this.#addresses)) return;
    this.#addresses = addresses;
    this.#options.onChange(addresses);
  }
}

/** The order says what to try first, not what there is. */
function isSameSet(a: readonly InterfaceAddress[], b: readonly InterfaceAddress[]): boolean {
  const hosts = new Set(a.map(({ host }) => host));
  return a.length === b.length && b.every(({ host }) => hosts.has(host));
}
