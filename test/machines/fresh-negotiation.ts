/** What negotiation keeps at its start, for tests of its pure steps, and what is often made of it. */
import { createEmptyActor, initialTransition } from 'xstate';
import type { Leg, Outgoing, PeerId } from '../../machines/messages.ts';
import { groupsOf, type StreamLegs, type Terms } from '../../machines/negotiation/legs.ts';
import { negotiationMachine } from '../../machines/negotiation/negotiation.ts';
import type { Context, Outcome, Request } from '../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import type { View } from '../../machines/view.ts';
import { RATE_BPS } from './members.ts';

export function freshNegotiation(view: View): Context {
  const [{ context }] = initialTransition(negotiationMachine, { epoch: 1, view, parent: createEmptyActor() });
  return context;
}

/** The same, with so much upload to lend, in bit/s. */
export function lending(context: Context, bps: number): Context {
  const ledger = { ...context.relaying.ledger, usableBps: bps, lendBps: bps };
  return { ...context, relaying: { ...context.relaying, ledger } };
}

export function after(context: Context, { patch }: Outcome): Context {
  return { ...context, ...patch };
}

/** The messages that a step publishes. */
export function publishedBy({ commands = [] }: Outcome): Outgoing[] {
  return commands.flatMap((command) => (command.do === 'publish' ? [command.message] : []));
}

/** All of a camera to these, or these slices of it. */
export function camera(
  receivers: readonly PeerId[],
  { rateBps = RATE_BPS, slices = ALL_SLICES, stream = 'camera' } = {},
): StreamLegs {
  return { stream, rateBps, legs: receivers.map((receiver): Leg => ({ receiver, slices })) };
}

/** A client's request for these terms. */
export function request(client: PeerId, revision: number, terms: Terms, agreement = `${client}.1.1`): Request {
  const streams = terms.map((of) => ({ ...of, legs: groupsOf(of.legs) }));
  return { kind: 'relay.request', from: client, epoch: 1, seq: revision, body: { agreement, revision, streams } };
}
