/** Everything that the peers of a room say to each other on the bus, as it passes. */
import type { NatsBus } from '../../infra/nats/connection.ts';
import { decodeMessage, type Incoming, MAX_MESSAGE_BYTES, SESSION_KINDS } from '../../machines/messages.ts';
import { isKind, parseSubject, subjectOf } from '../../machines/subjects.ts';
import { uncheckedText } from '../bus/sealing/envelope.ts';

export interface BusMessage {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly from: string;
  /** A peer, or `all`. */
  readonly to: string;
  readonly message: Incoming;
}

/**
 * Not `rpr.v2.<room>.>`: whoever listens to an id's claims is taken for its holder, and a joiner would wait for an
 * answer instead of hearing at once that nobody is there.
 */
const TAPPED_KINDS = [...SESSION_KINDS, 'beat', 'profile', 'profile.*', 'relay.*', 'media.*'];

/** Calls `take` for each valid message that is not sealed under a room's key, whoever signed it, in the order in which the server handled them. Returns the function that stops it. */
export function tapBus(nats: NatsBus, room: string, take: (message: BusMessage) => void): () => void {
  const stops = TAPPED_KINDS.map((kind) =>
    nats.subscribe(subjectOf({ room, from: '*', to: '*', kind }), (subject, bytes) => {
      const address = parseSubject(subject);
      if (address === undefined || !isKind(address.kind) || bytes.length > MAX_MESSAGE_BYTES) return;
      const text = uncheckedText(bytes);
      if (text === undefined) return;
      const message = decodeMessage(address.kind, address.from, text);
      if (!('fault' in message)) take({ at: Date.now(), from: address.from, to: address.to, message });
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}
