/** What was heard in a room as lines of JSON, one a line: how `--record` writes them and `npm run replay` reads them. */
import { z } from 'zod';
import { decodeMessage, peerIdSchema } from '../../machines/messages.ts';
import { ALL, isKind } from '../../machines/subjects.ts';
import { INSPECT_KIND, transitionSchema } from '../call/inspector.ts';
import type { Heard } from '../room-picture/heard.ts';

const atMs = z.number().min(0).max(8.64e15);

/** The first line. */
export const headSchema = z.object({ recording: z.literal('rpr.v2'), room: peerIdSchema, atMs });
export type RecordingHead = z.infer<typeof headSchema>;

const saidSchema = z.object({
  atMs,
  from: peerIdSchema,
  to: z.union([z.literal(ALL), z.string().max(64)]),
  kind: z.string().max(64),
  body: z.record(z.string(), z.unknown()),
});
const busSchema = z.object({ atMs, bus: z.enum(['connected', 'disconnected']) });

/** A line for what was heard, without its end. */
export function lineOf(heard: Heard): string {
  const { atMs } = heard;
  switch (heard.type) {
    case 'bus':
      return JSON.stringify({ atMs, bus: heard.connected ? 'connected' : 'disconnected' });
    case 'transition':
      return JSON.stringify({ atMs, from: heard.from, to: ALL, kind: INSPECT_KIND, body: heard.transition });
    case 'message': {
      const { kind, from, epoch, seq, body } = heard.message;
      return JSON.stringify({ atMs, from, to: heard.to, kind, body: { epoch, seq, ...body } });
    }
  }
}

/** What a line tells, or undefined where it tells nothing that we know: a file is no better than the network. */
export function readLine(text: string): Heard | undefined {
  const value = parsed(text);
  const bus = busSchema.safeParse(value).data;
  if (bus !== undefined) return { type: 'bus', atMs: bus.atMs, connected: bus.bus === 'connected' };
  const said = saidSchema.safeParse(value).data;
  if (said === undefined) return undefined;
  const { atMs, from, to, kind, body } = said;
  if (kind === INSPECT_KIND) {
    const transition = transitionSchema.safeParse(body).data;
    return transition && { type: 'transition', atMs, from, transition };
  }
  if (!isKind(kind)) return undefined;
  const message = decodeMessage(kind, from, JSON.stringify(body));
  return 'fault' in message ? undefined : { type: 'message', atMs, to, message };
}

export function readHead(text: string): RecordingHead | undefined {
  return headSchema.safeParse(parsed(text)).data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
