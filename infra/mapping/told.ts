/** What a gateway has told by each method: its clock, and its outside address. */
import type { MappingMethod } from './contract.ts';
import { EpochWatch } from './epoch.ts';

export interface Telling {
  readonly method: MappingMethod;
  readonly epochS: number | null;
  readonly host: string | null;
}

export class Told {
  readonly #epochs = new Map<MappingMethod, EpochWatch>();
  readonly #hosts = new Map<MappingMethod, string>();

  /** @returns whether the gateway has lost its mappings since it was heard last */
  hear({ method, epochS, host }: Telling, nowMs: number): boolean {
    if (host !== null) this.#hosts.set(method, host);
    const watch = this.#epochs.get(method) ?? new EpochWatch();
    this.#epochs.set(method, watch);
    return epochS !== null && watch.hear(epochS, nowMs);
  }

  /** Its outside address, as told last. */
  hostBy(method: MappingMethod): string | undefined {
    return this.#hosts.get(method);
  }
}
