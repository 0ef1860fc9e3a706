/** What negotiation keeps at its start, for tests of its pure steps. */
import { createEmptyActor, initialTransition } from 'xstate';
import type { Context } from '../../machines/negotiation/state.ts';
import { negotiationMachine } from '../../machines/negotiation.ts';
import type { View } from '../../machines/view.ts';

export function freshNegotiation(view: View): Context {
  const [{ context }] = initialTransition(negotiationMachine, { epoch: 1, view, parent: createEmptyActor() });
  return context;
}

/** The same, with so much upload to lend, in bit/s. */
export function lending(context: Context, bps: number): Context {
  const ledger = { ...context.relaying.ledger, usableBps: bps, lendBps: bps };
  return { ...context, relaying: { ...context.relaying, ledger } };
}
