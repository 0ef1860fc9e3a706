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
  'stream.unknown': { meaning: 'None of the streams is one of the client’s.', reaction: 'Another relay.' },
  'peer.leaving': { meaning: 'The relay is about to leave.', reaction: 'Another relay.' },
  'request.invalid': {
    meaning: 'No leg can be served: no member, the client or the relay itself, or named twice.',
    reaction: 'Another relay.',
  },
  'receiver.unreachable': { meaning: 'The relay has no way to any of the receivers.', reaction: 'Another relay.' },
};

const RELEASE_REASONS: Readonly<Record<ReleaseReason, { readonly by: string; readonly meaning: string }>> = {
  'client.done': { by: 'client', meaning: 'The client no longer needs it.' },
  'client.left': { by: 'client', meaning: 'The client leaves the room.' },
  'relay.leaving': { by: 'relay', meaning: 'The relay leaves; it forwards for `noticeMs` more.' },
  'relay.reclaimed': { by: 'relay', meaning: 'The relay needs its upload itself; it forwards for `noticeMs` more.' },
  'relay.silent': { by: 'client', meaning: 'The relay’s reports stopped: to this client it is dead.' },
  'lease.expired': { by: 'relay', meaning: 'The client’s profile does not name it.' },
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
