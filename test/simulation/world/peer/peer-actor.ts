/** The shipped root machine of a peer, over a simulated bus and media path. */
import { type Actor, createActor, fromCallback } from 'xstate';
import { type PeerEvent, peerMachine } from '../../../../machines/peer.ts';
import type { JournalEntry } from '../../../../machines/ports.ts';
import type { Member } from '../../../../machines/view.ts';
import type { BusClient } from '../bus/bus-client.ts';
import type { SimulatedTransport } from '../media/transport.ts';
import type { ProcessClock } from './process-clock.ts';

export type PeerActor = Actor<typeof peerMachine>;

export interface PeerActorOptions {
  readonly clock: ProcessClock;
  readonly bus: BusClient;
  readonly transport: SimulatedTransport;
  /** What its machines note. */
  readonly noted: (entry: JournalEntry) => void;
  readonly profile: Member;
}

export function createPeerActor({ clock, bus, transport, noted, profile }: PeerActorOptions): PeerActor {
  const journal = fromCallback<JournalEntry, undefined, PeerEvent>(({ receive }) => receive(noted));
  const actors = { bus: bus.logic, transport: transport.logic, journal };
  return createActor(peerMachine.provide({ actors }), { clock, input: { profile } });
}
