/** The generated parts of machines/PROTOCOL.md. */
import type { RejectCode, ReleaseReason } from '../../machines/messages.ts';
import { TIMERS } from '../../machines/timers.ts';
import { table } from './markdown.ts';
import { messageReference } from './message-reference.ts';

const REJECT_CODES: Readonly<Record<RejectCode, { readonly meaning: string; readonly reaction: string }>> = {
  'capacity.exhausted': {
    meaning: 'None of the legs fits what the ledger has left.',
    reaction: 'Asks again after a while; after four refusals in a row, another relay.',
  },
  'lending.off': { meaning: 'The relay lends nothing.', reaction: 'Another relay.' },
  'agreement.unknown': {
    meaning: 'An accept named an agreement that the relay does not hold (any more).',
    reaction: 'The agreement is over; asks anew where it is still wanted.',
  },
  'source.unknown': { meaning: 'The SSRC is not that of a source of the client.', reaction: 'Another relay.' },
  'peer.leaving': { meaning: 'The relay is about to leave.', reaction: 'Another relay.' },
  'request.invalid': {
    meaning:
      'No leg can be served: not a member, not its address, or named twice; or the agreement is another client’s.',
    reaction: 'Another relay.',
  },
};

const RELEASE_REASONS: Readonly<Record<ReleaseReason, { readonly by: string; readonly meaning: string }>> = {
  'client.done': { by: 'client', meaning: 'The client no longer needs it.' },
  'client.left': { by: 'client', meaning: 'The client leaves the room.' },
  'relay.leaving': { by: 'relay', meaning: 'The relay leaves; it forwards for `noticeMs` more.' },
  'relay.reclaimed': { by: 'relay', meaning: 'The relay needs its upload itself; it forwards for `noticeMs` more.' },
  'relay.silent': { by: 'client', meaning: 'The relay’s reports stopped: to this client it is dead.' },
  'lease.expired': { by: 'relay', meaning: 'No accept came: of the offer in time, or to renew the lease.' },
};

/** Each part by the name in its marks. */
export const PROTOCOL_PARTS: ReadonlyMap<string, string> = new Map([
  ['messages', messageReference()],
  ['timers', timers()],
  [
    'reject-codes',
    table(
      ['code', 'meaning', 'what the client does'],
      Object.entries(REJECT_CODES).map(([code, { meaning, reaction }]) => [`\`${code}\``, meaning, reaction]),
    ),
  ],
  [
    'release-reasons',
    table(
      ['reason', 'said by', 'meaning'],
      Object.entries(RELEASE_REASONS).map(([reason, { by, meaning }]) => [`\`${reason}\``, by, meaning]),
    ),
  ],
]);

function timers(): string {
  return table(
    ['timer', 'ms', 'why'],
    Object.entries(TIMERS).map(([name, { ms, why }]) => [`\`${name}\``, String(ms), why]),
  );
}
