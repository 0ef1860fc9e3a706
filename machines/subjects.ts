/**
 * The subject grammar: `rpr.v2.<room>.<from>.<to>.<kind>`. The sender is a token of its own, so that a NATS permission
 * `publish rpr.v2.<room>.A.>` makes forging A impossible at the server.
 */
import { KINDS, type Kind, type PeerId, peerIdSchema } from './messages.ts';

const PREFIX = 'rpr.v2';
/** The receiver token of a message to the whole room. No peer may have it as its id. */
export const ALL = 'all';

export interface Address {
  readonly room: string;
  readonly from: PeerId;
  readonly to: PeerId | typeof ALL;
  /** A message kind, or a kind outside the protocol (`claim`, `inspect`, `control.…`). */
  readonly kind: string;
}

/** Is this text usable as a room or a peer id? */
export function isId(text: string): boolean {
  return peerIdSchema.safeParse(text).success;
}

export function subjectOf({ room, from, to, kind }: Address): string {
  return `${PREFIX}.${room}.${from}.${to}.${kind}`;
}

/** The parts of a subject, or undefined where it is not of the grammar. */
export function parseSubject(subject: string): Address | undefined {
  const [rpr, version, room, from, to, ...kind] = subject.split('.');
  if (`${rpr}.${version}` !== PREFIX || room === undefined || from === undefined || to === undefined) return undefined;
  if (!isId(room) || !isId(from) || !(to === ALL || isId(to))) return undefined;
  if (kind.length === 0 || kind.includes('')) return undefined;
  return { room, from, to, kind: kind.join('.') };
}

export function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text);
}
