/** Where a mapping stands: not asked for yet, there, not to be had, or taken away. */
import type { MappedAddress, MappingMethod, MappingState, Refusal } from './contract.ts';

export type Phase =
  /** `there`: methods that have answered, and wait for their turn. `using`: whose mapping is asked for. */
  | { readonly type: 'asking'; readonly there: MappingMethod[]; readonly using: MappingMethod | null }
  | MappedPhase
  | { readonly type: 'none'; readonly againMs: number }
  | { readonly type: 'closing'; readonly endsMs: number }
  | { readonly type: 'closed' };

export interface MappedPhase {
  readonly type: 'mapped';
  readonly mapped: MappedAddress;
  readonly endsMs: number;
  renewMs: number;
  lookMs: number;
  /** Whether the gateway must answer the next look to be believed any longer. */
  isDoubted: boolean;
}

/** @param refusals of the methods that came to nothing */
export function stateOf(phase: Phase, refusals: ReadonlyMap<MappingMethod, Refusal>): MappingState {
  switch (phase.type) {
    case 'mapped':
      return { type: 'mapped', mapped: phase.mapped };
    case 'none':
      return { type: 'none', refusals: [...refusals].map(([method, reason]) => ({ method, reason })) };
    case 'asking':
      return { type: 'asking' };
    default:
      return { type: 'closed' };
  }
}

/**
 * When the time alone brings something; infinite: never.
 *
 * @param isWaiting for an answer: nothing else is asked meanwhile
 */
export function phaseDueMs(phase: Phase, isWaiting: boolean): number {
  switch (phase.type) {
    case 'mapped':
      return isWaiting ? phase.endsMs : Math.min(phase.endsMs, phase.renewMs, phase.lookMs);
    case 'none':
      return phase.againMs;
    case 'closing':
      return phase.endsMs;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
