/** Everything that a peer's journal can hold, and how serious each entry is. */
import type { PeerId } from '../../machines/messages.ts';
import type { JournalEntry } from '../../machines/ports.ts';
import { parseSubject } from '../../machines/subjects.ts';
import type { DoorNews } from '../call/door-news.ts';
import type { OwnStreamNews } from '../call/own-sources.ts';
import type { PlainNews } from '../call/plain-news.ts';
import type { DeliveryNews } from '../delivery/contract.ts';
import type { PlayerReport, ReceiverReport } from '../media/reports/receiver-reports.ts';
import type { PhoneNews } from '../phone/news.ts';
import type { NetworkNews } from '../reach/addresses/network.ts';
import type { TurnNews } from '../reach/turn/turn-news.ts';
import type { UdpNews } from '../reach/turn/udp-watch.ts';
import type { SinkNews } from '../sink/contract.ts';
import type { StreamSourceNews } from '../source/contract.ts';
import type { OverratedNews } from '../uplink/overrated.ts';

/** What happens to the process around the machines. */
export type ProcessNote =
  /** Addresses are `host:port`; `nats` is the server's URL without credentials. */
  | {
      readonly type: 'peer.started';
      readonly room: string;
      readonly nats: string;
      readonly listen: string;
      readonly advertise: string;
      readonly version: string;
    }
  /** Waits for the word of `controller` to join. */
  | { readonly type: 'peer.waiting'; readonly controller: string }
  | { readonly type: 'peer.leaving' }
  | { readonly type: 'peer.ended'; readonly how: 'left' | 'refused' | 'replaced' }
  | { readonly type: 'bus.connected'; readonly server: string }
  | { readonly type: 'bus.disconnected'; readonly server: string }
  /** A sentence for a person, about the server of this machine. */
  | { readonly type: 'server.told'; readonly text: string }
  /** It no longer takes our credentials. */
  | { readonly type: 'bus.refused'; readonly server: string }
  /** Whoever reads the JSON log stood still: so many lines are missing here. */
  | { readonly type: 'log.left-out'; readonly lines: number }
  /** A message that no schema takes; `fault` is a stable code. */
  | { readonly type: 'message.dropped'; readonly fault: string; readonly subject: string; readonly detail: string }
  /** How the others get our streams, as they say themselves, at this moment; in the JSON log alone. */
  | {
      readonly type: 'receivers.reported';
      readonly receivers: readonly (ReceiverReport & { readonly receiver: PeerId })[];
    }
  /** How players here get the others' streams, as they say themselves, at this moment; in the JSON log alone. */
  | { readonly type: 'players.reported'; readonly players: readonly (PlayerReport & { readonly source: PeerId })[] }
  /** How packets are moved from now on; `reason` where it is not the first choice. */
  | { readonly type: 'path.changed'; readonly kind: 'batched' | 'dgram'; readonly reason?: string };

export type Note =
  | JournalEntry
  | StreamSourceNews
  | OwnStreamNews
  | SinkNews
  | DeliveryNews
  | ReachNews
  | PhoneNews
  | DoorNews
  | PlainNews
  | OverratedNews
  | ProcessNote;

type ReachNews = NetworkNews | TurnNews | UdpNews;

export type Level = 'info' | 'warn';

export function levelOf(note: Note): Level {
  switch (note.type) {
    case 'relay.unreachable':
    case 'relay.failing':
    case 'relay.accused':
    case 'media.forged':
    case 'bus.disconnected':
    case 'bus.refused':
    case 'message.dropped':
    case 'source.rejected':
    case 'source.mismatched':
    case 'source.undecodable':
    case 'source.exceeded':
    case 'source.remeasured':
    case 'source.no-key-frame':
    case 'sink.failed':
    case 'profile.oversized':
    case 'media.missing':
    case 'media.undelivered':
    case 'program.stopped':
    case 'pair.cut':
    case 'server.unresolved':
    case 'udp.blocked':
    case 'turn.failed':
    case 'mapping.lost':
    case 'log.left-out':
    case 'phone.refused':
    case 'phone.unregistered':
    case 'door.other':
    case 'plain.refused':
    case 'identity.unkept':
    case 'known.failed':
    case 'uplink.overrated':
      return 'warn';
    case 'plain.unserved':
      return note.by.length > 0 ? 'warn' : 'info';
    case 'peer.ended':
      return note.how === 'left' ? 'info' : 'warn';
    case 'pairs.unserved':
      return note.receivers.length > 0 ? 'warn' : 'info';
    case 'agreement.changed':
      return note.state === 'lost' ? 'warn' : 'info';
    case 'path.changed':
      return note.reason === undefined ? 'info' : 'warn';
    default:
      return 'info';
  }
}

/**
 * What makes two notes the same warning, for those that a stranger can cause as often as it likes: who and what, not the
 * detail. Undefined: a note that is always written.
 */
export function repetitionKey(note: Note): string | undefined {
  switch (note.type) {
    case 'message.dropped':
      return `${note.type} ${parseSubject(note.subject)?.from ?? ''} ${note.fault}`;
    case 'door.other':
      return `${note.type} ${note.how}`;
    case 'identity.unkept':
    case 'known.failed':
      return note.type;
    case 'plain.listens':
      return `${note.type} ${note.peer} ${note.to}`;
    case 'plain.unserved':
      return `${note.type} ${note.by}`;
    case 'plain.refused':
      return `${note.type} ${note.peer}`;
    case 'source.rejected':
      // Not by sender: programs that start anew have another port each time.
      return `${note.type} ${note.stream} ${note.reason} ${'payloadType' in note ? note.payloadType : ''}`;
    case 'source.started':
      // Who sends in turns with another, or garbage, begins with every packet.
      return `${note.type} ${note.stream} ${note.from} ${note.ssrc}`;
    case 'phone.refused':
      return `${note.type} ${note.from} ${note.status}`;
    case 'phone.unregistered':
      return `${note.type} ${note.reason}`;
    case 'source.exceeded':
    case 'source.remeasured':
      return `${note.type} ${note.stream}`;
    case 'sink.failed':
      return `${note.type} ${note.peer} ${note.stream} ${note.code}`;
    default:
      return undefined;
  }
}
