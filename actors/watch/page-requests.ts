/** What comes from a page, checked: a tab that has the token may still be broken. */
import { z } from 'zod';
import { peerIdSchema } from '../../machines/messages.ts';
import type { FromPage } from './page-messages.ts';

const schema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('look'), peer: peerIdSchema.nullable() }),
  z.object({ type: z.literal('context'), peer: peerIdSchema, machine: z.string().max(160) }),
  z.object({ type: z.literal('play') }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('seek'), atMs: z.number().min(0).max(8.64e15) }),
  z.object({ type: z.literal('speed'), speed: z.number().min(0).max(1000) }),
]);

/** Undefined: nothing that a page asks. */
export function readRequest(message: unknown): FromPage | undefined {
  return schema.safeParse(message).data;
}
