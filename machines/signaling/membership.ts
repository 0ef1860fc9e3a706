/**
 * What signaling messages do to the view. Pure: {@link receive} takes a message and returns the new state with what is to
 * be done about it; the signaling machine does it.
 */
import { type Incoming, MAX_MEMBERS, type PeerId } from '../messages.ts';
import { selfOf, type View, withMember, withoutMember, withPresence, withSession } from '../view.ts';

export interface Membership {
  readonly view: View;
  /** The highest sequence number seen of each member's present epoch: what comes later but was sent earlier is old news. */
  readonly lastSeq: ReadonlyMap<PeerId, number>;
  /** The byes of those who left last: what they sent before may come after. */
  readonly byes: ReadonlyMap<PeerId, { readonly epoch: number; readonly seq: number }>;
}

export type Consequence =
  /** A new member. `established`: invites have gone both ways already. */
  | { readonly type: 'met'; readonly peer: PeerId; readonly established: boolean }
  | { readonly type: 'parted'; readonly peer: PeerId; readonly reason: 'bye' | 'restarted' }
  | { readonly type: 'established'; readonly peer: PeerId }
  | { readonly type: 'heard'; readonly peer: PeerId }
  | { readonly type: 'answer'; readonly peer: PeerId }
  /** Send it our presence at once, rather than with the next second. */
  | { readonly type: 'introduce'; readonly peer: PeerId };

export interface Outcome {
  readonly membership: Membership;
  readonly consequences: readonly Consequence[];
}

export type SignalingMessage = Extract<Incoming, { kind: 'invite' | 'answer' | 'presence' | 'bye' }>;

/** Take one message. Messages of an older epoch change nothing; older messages of this epoch are answered but not believed. */
export function receive(membership: Membership, message: SignalingMessage): Outcome {
  const { from, epoch } = message;
  const known = membership.view.members.get(from);
  if (from === membership.view.self || (known !== undefined && epoch < known.epoch))
    return { membership, consequences: [] };
  if (known !== undefined && epoch > known.epoch) {
    const after = receive(forget(membership, from), message);
    return { ...after, consequences: [{ type: 'parted', peer: from, reason: 'restarted' }, ...after.consequences] };
  }
  const bye = membership.byes.get(from);
  if (bye !== undefined && (epoch < bye.epoch || (epoch === bye.epoch && message.seq < bye.seq)))
    return { membership, consequences: [] };
  if (message.kind === 'bye') {
    const after = withBye(forget(membership, from), message);
    return { membership: after, consequences: known ? [{ type: 'parted', peer: from, reason: 'bye' }] : [] };
  }
  if (known === undefined && membership.view.members.size >= MAX_MEMBERS) return { membership, consequences: [] };
  return {
    membership: believe(membership, message),
    consequences: consequencesOf(membership.view, known !== undefined, message),
  };
}

/** The membership without this member. */
export function forget(membership: Membership, peer: PeerId): Membership {
  const lastSeq = new Map(membership.lastSeq);
  lastSeq.delete(peer);
  return { ...membership, view: withoutMember(membership.view, peer), lastSeq };
}

function withBye(membership: Membership, { from, epoch, seq }: SignalingMessage): Membership {
  const byes = new Map(membership.byes);
  byes.delete(from);
  byes.set(from, { epoch, seq });
  for (const oldest of byes.keys()) {
    if (byes.size <= MAX_MEMBERS) break;
    byes.delete(oldest);
  }
  return { ...membership, byes };
}

type Described = Exclude<SignalingMessage, { kind: 'bye' }>;

function believe(membership: Membership, message: Described): Membership {
  const { from, epoch, seq } = message;
  if (seq <= (membership.lastSeq.get(from) ?? -1)) return membership;
  const view =
    message.kind === 'presence'
      ? withPresence(membership.view, from, epoch, message.body)
      : withSession(membership.view, from, epoch, message.body);
  return { ...membership, view: withUniqueSsrc(view, from), lastSeq: new Map(membership.lastSeq).set(from, seq) };
}

function consequencesOf(view: View, known: boolean, message: Described): Consequence[] {
  const peer = message.from;
  const self = selfOf(view);
  const consequences: Consequence[] = [];
  if (!known) consequences.push({ type: 'met', peer, established: message.kind !== 'presence' });
  else consequences.push({ type: message.kind === 'presence' ? 'heard' : 'established', peer });
  const listed =
    message.kind === 'invite' && message.body.known.some(({ id, epoch }) => id === view.self && epoch === self.epoch);
  if (message.kind === 'invite' && !listed) consequences.push({ type: 'answer', peer });
  // A peer that answers has our presence from when we joined; one that invites may have joined after our last.
  const newcomer = !known && message.kind !== 'answer';
  if (newcomer && self.compatible && message.body.compatible) consequences.push({ type: 'introduce', peer });
  return consequences;
}

/** Two sources with one SSRC: whoever started later takes another (RFC 3550 section 8.2). */
function withUniqueSsrc(view: View, from: PeerId): View {
  const self = selfOf(view);
  const other = view.members.get(from);
  if (other === undefined || self.source === null || other.source?.ssrc !== self.source.ssrc) return view;
  const later = self.epoch > other.epoch || (self.epoch === other.epoch && self.id > other.id);
  if (!later) return view;
  return withMember(view, { ...self, source: { ...self.source, ssrc: nextSsrc(self.source.ssrc) } });
}

/** A full-period generator over 32 bits (Knuth's multiplier and increment), so that a taken SSRC never leads back to itself. */
function nextSsrc(ssrc: number): number {
  return (Math.imul(ssrc, 1_664_525) + 1_013_904_223) >>> 0;
}
