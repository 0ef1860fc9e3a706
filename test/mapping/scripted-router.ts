/** A router that does as a test says, and keeps what it was asked. */
import type { MappingAnswer, MappingMethod, MappingQuestion, Refusal } from '../../infra/mapping/contract.ts';

export interface Asked extends Pick<MappingQuestion, 'method' | 'ask'> {
  readonly atMs: number;
}

export class ScriptedRouter {
  speaks: readonly MappingMethod[] = ['PCP', 'NAT-PMP', 'UPnP'];
  /** Its outside address. */
  host = '20.0.0.1';
  /** Grants the port that is wished for, unless it has another one. */
  port: number | null = null;
  lifetimeS = 3600;
  /** When it began to keep its mappings. */
  bootMs = -1_000_000;
  /** Whom it gives no mapping. */
  refuses: Partial<Record<MappingMethod, Refusal>> = {};
  asked: Asked[] = [];
  #holds = false;

  /** Loses all mappings. */
  restart(nowMs: number): void {
    this.bootMs = nowMs;
    this.#holds = false;
  }

  get holds(): boolean {
    return this.#holds;
  }

  /** @returns null where it does not answer */
  answer({ method, ask, outside }: MappingQuestion, nowMs: number): MappingAnswer | null {
    this.asked.push({ method, ask, atMs: nowMs });
    if (!this.speaks.includes(method)) return null;
    const epochS = method === 'UPnP' ? null : Math.floor((nowMs - this.bootMs) / 1000);
    const refusal = this.refuses[method];
    switch (ask) {
      case 'probe':
        return { type: 'there', method, epochS, host: method === 'NAT-PMP' ? this.host : null };
      case 'look':
        if (method === 'UPnP' && !this.#holds) return { type: 'gone', method };
        return { type: 'there', method, epochS, host: method === 'PCP' ? null : this.host };
      case 'map': {
        if (refusal !== undefined) return { type: 'refused', method, asked: 'map', reason: refusal };
        this.#holds = true;
        const host = method === 'NAT-PMP' ? null : this.host;
        return { type: 'mapped', method, epochS, host, port: this.port ?? outside.port, lifetimeS: this.lifetimeS };
      }
      case 'unmap':
        this.#holds = false;
        return { type: 'unmapped', method };
    }
  }

  /** `METHOD ask`, in order, since the last call of this. */
  takeAsked(): string[] {
    const asked = this.asked.map(({ method, ask }) => `${method} ${ask}`);
    this.asked = [];
    return asked;
  }
}
