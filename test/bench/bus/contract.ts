/** What the bench and the processes that host its peers say to each other, over a NATS server that is not measured. */
import { z } from 'zod';
import { KINDS, type Kind } from '../../../machines/messages.ts';

/** The room's name. */
export const ROOM = 'bench';

/** The only argument of a host. */
export const hostSchema = z.object({
  name: z.string(),
  /** Of the server that is measured. */
  nats: z.string(),
  control: z.string(),
  /** How many peers the whole room has when it is full. */
  size: z.int(),
  /** The peers that it hosts. */
  own: z.array(z.int()),
});
export type HostOptions = z.infer<typeof hostSchema>;

export const orderSchema = z.discriminatedUnion('order', [
  z.object({ order: z.literal('join'), peers: z.array(z.int()) }),
  z.object({ order: z.literal('leave'), peers: z.array(z.int()) }),
  z.object({ order: z.literal('report') }),
]);
export type Order = z.infer<typeof orderSchema>;

/** Of all peers of a host together. */
export const reportSchema = z.object({
  /** How many are in the room. */
  joined: z.int(),
  /** How many of them are connected to the bus. */
  connected: z.int(),
  /** The members, itself included, that the one sees which sees fewest. */
  leastSeen: z.int(),
  /** Legs that they forward for others. */
  relayedLegs: z.int(),
  /** Messages published since their start. */
  sent: z.partialRecord(z.enum(KINDS as [Kind, ...Kind[]]), z.int()),
  dropped: z.int(),
  /** Processor time since the host's start. */
  cpuMs: z.number(),
});
export type Report = z.infer<typeof reportSchema>;

export function hostSubject(name: string): string {
  return `bench.host.${name}`;
}
