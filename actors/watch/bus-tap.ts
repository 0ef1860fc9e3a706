/** Everything that the peers of a room say to each other on the bus, as it passes. */
import { decodeMessage, type Incoming, MAX_MESSAGE_BYTES, SESSION_KINDS } from '../../machines/messages.ts';
import { isKind, parseSubject, subjectOf } from '../../machines/subjects.ts';
import { ENVELOPE_BYTES, uncheckedText } from '../bus/sealing/envelope.ts';
import type { RoomWire } from '../bus/sealing/room-wire.ts';

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

/**
 * Calls `take` for each valid message that the wire can open, whoever signed it, in the order in which the server handled them. Returns the
 * function that stops it.
 */
export function tapBus(
  wire: Pick<RoomWire, 'subscribe'>,
  room: string,
  take: (message: BusMessage) => void,
): () => void {
  const stops = TAPPED_KINDS.map((kind) =>
    wire.subscribe(subjectOf({ room, from: '*', to: '*', kind }), (subject, bytes) => {
      const address = parseSubject(subject);
      if (address === undefined || !isKind(address.kind) || bytes.length > MAX_MESSAGE_BYTES + ENVELOPE_BYTES) return;
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
