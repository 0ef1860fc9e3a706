/** What the tests of the protocols ask, and for whom. */
import type { MappingAsk, MappingMethod, MappingQuestion } from '../../infra/mapping/contract.ts';

export const OWN_PORT = 5000;
export const TARGET = { own: { host: '192.168.1.2', port: OWN_PORT }, gateway: '192.168.1.1' };
export const NONCE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

export function question(ask: MappingAsk, method: MappingMethod = 'PCP', host: string | null = null): MappingQuestion {
  return { method, ask, outside: { host, port: OWN_PORT }, lifetimeS: 3600 };
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const bytes = (...pieces: readonly string[]): Buffer => Buffer.from(pieces.join(''), 'hex');
