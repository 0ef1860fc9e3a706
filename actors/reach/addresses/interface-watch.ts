/** Notices that this machine is in another network: another Wi-Fi, a cable pulled, a VPN, or a sleep, after which nothing is sure. */
import { type InterfaceAddress, interfaceAddresses, interfaceMark } from '../../../infra/network/interfaces.ts';
import { backgroundClock, type Clock } from '../../clock.ts';

/** Node tells of no change by itself. A look costs some 70 microseconds, 500 on a machine with 90 addresses: 0.03 to 0.2 % of a core. */
const EVERY_MS = 250;
/** A look that comes so late comes from a machine that slept: routers forget UDP within 30 s, some within 3. */
const SLEPT_MS = 2000;

/** `addresses`: they are others than before. `woken`: the machine, or this process alone, stood still for seconds. */
export type NetworkChange = 'addresses' | 'woken';

export interface InterfaceWatchOptions {
  /** With the addresses as they are now. */
  readonly onChange: (addresses: readonly InterfaceAddress[], change: NetworkChange) => void;
  /** As they were read a moment ago; left out: they are read now. */
  readonly addresses?: readonly InterfaceAddress[];
  readonly clock?: Clock;
  /** Milliseconds on the wall's clock, which goes on while a machine sleeps; the monotonic one of Linux does not. */
  readonly wallMs?: () => number;
  readonly read?: () => readonly InterfaceAddress[];
  /** A text that changes with what `read` returns, and costs less. */
  readonly mark?: () => string;
}

export class InterfaceWatch {
  readonly #options: Required<Omit<InterfaceWatchOptions, 'addresses'>>;
  #addresses: readonly InterfaceAddress[];
  #mark: string;
  #lookedMs: number;
  #cancel: () => void = () => undefined;

  constructor(options: InterfaceWatchOptions) {
    this.#options = {
      clock: backgroundClock,
      wallMs: Date.now,
      read: () => interfaceAddresses(),
      mark: () => interfaceMark(),
      ...options,
    };
    this.#mark = this.#options.mark();
    this.#addresses = options.addresses ?? this.#options.read();
    this.#lookedMs = this.#options.wallMs();
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
    const isOther = this.#lookForOthers();
    const isWoken = this.#hasSlept();
    if (isOther || isWoken) this.#options.onChange(this.#addresses, isOther ? 'addresses' : 'woken');
  }

  #lookForOthers(): boolean {
    const mark = this.#options.mark();
    if (mark === this.#mark) return false;
    this.#mark = mark;
    const before = this.#addresses;
    this.#addresses = this.#options.read();
    return !isSameSet(this.#addresses, before);
  }

  /** A clock that was set forward looks the same, and costs a few checks for nothing. */
  #hasSlept(): boolean {
    const nowMs = this.#options.wallMs();
    const lateMs = nowMs - this.#lookedMs - EVERY_MS;
    this.#lookedMs = nowMs;
    return lateMs > SLEPT_MS;
  }
}

/** The order says what to try first, not what there is. */
function isSameSet(a: readonly InterfaceAddress[], b: readonly InterfaceAddress[]): boolean {
  const hosts = new Set(a.map(({ host }) => host));
  return a.length === b.length && b.every(({ host }) => hosts.has(host));
}
