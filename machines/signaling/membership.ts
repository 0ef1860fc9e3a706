/**
 * What signaling messages do to the view. Pure: {@link receive} takes a message and returns the new state with what is to
 * be done about it; the signaling machine does it. Compatible members know each other by their profiles; where one of two is a
 * plain RTP endpoint, by invite and answer.
 */
import { type Incoming, MAX_MEMBERS, type PeerId } from '../messages.ts';
import { selfOf, type View, withoutMember, withProfile, withSession } from '../view.ts';
import { withoutKey } from '../without.ts';
import { yieldingTo } from './unique-ssrc.ts';

export interface Membership {
  readonly view: View;
  /** Who is heard but has not described itself yet, with its epoch: it is asked. */
  readonly strangers: ReadonlyMap<PeerId, number>;
  /** The highest sequence number seen of each plain session's epoch: what comes later but was sent earlier is old news. */
  readonly lastSeq: ReadonlyMap<PeerId, number>;
  /** The byes of those who left last: what they sent before may come after. */
  readonly byes: ReadonlyMap<PeerId, Bye>;
  /** Whom we have left an SSRC to. */
  readonly yielded: ReadonlySet<PeerId>;
}

export interface Bye {
  readonly epoch: number;
  readonly seq: number;
  /** A process of this id that started, by its clock, before the one that left has spoken since. */
  readonly contested: boolean;
}

export type Consequence =
  /** Somebody new. `coming`: its profile is on its way; `lacking`: it must be asked for it. */
  | { readonly type: 'met'; readonly peer: PeerId; readonly description: 'known' | 'coming' | 'lacking' }
  /** It is in the view now. */
  | { readonly type: 'joined'; readonly peer: PeerId }
  | { readonly type: 'parted'; readonly peer: PeerId; readonly reason: 'bye' | 'restarted' }
  /** It never came into the view. */
  | { readonly type: 'dropped'; readonly peer: PeerId }
  /** We have what it says of itself. */
  | { readonly type: 'described'; readonly peer: PeerId }
  /** Its profile is not the one that we have. */
  | { readonly type: 'lacks'; readonly peer: PeerId }
  /** A message of the process that we know it by. */
  | { readonly type: 'upheld'; readonly peer: PeerId }
  /** A message of a process that started, by its clock, before the one that we know it by. */
  | { readonly type: 'contested'; readonly peer: PeerId }
  | { readonly type: 'answer'; readonly peer: PeerId }
  /** It wants our profile. */
  | { readonly type: 'introduce'; readonly peer: PeerId }
  /** The room is full without us: somebody who has been here for longer is not in our view. */
  | { readonly type: 'surplus'; readonly peer: PeerId };

export interface Outcome {
  readonly membership: Membership;
  readonly consequences: readonly Consequence[];
}

const KINDS = ['invite', 'answer', 'bye', 'beat', 'profile', 'profile.ask'] as const;
export type SignalingMessage = Extract<Incoming, { kind: (typeof KINDS)[number] }>;
type Of<K extends SignalingMessage['kind']> = Extract<SignalingMessage, { kind: K }>;

/** Whether it says who is there, and as what. */
export function isSignaling(message: Incoming): message is SignalingMessage {
  return (KINDS as readonly string[]).includes(message.kind);
}

/** The room of one. */
export function soloMembership(view: View): Membership {
  return { view, strangers: new Map(), lastSeq: new Map(), byes: new Map(), yielded: new Set() };
}

/** Take one message. What comes of an older epoch than is known changes nothing here, but puts that one in doubt. */
export function receive(membership: Membership, message: SignalingMessage): Outcome {
  const { from, epoch } = message;
  const { view, strangers, byes } = membership;
  if (from === view.self) return { membership, consequences: [] };
  const known = view.members.get(from)?.epoch ?? strangers.get(from);
  if (known !== undefined && epoch < known) return { membership, consequences: [{ type: 'contested', peer: from }] };
  if (known !== undefined && epoch > known) {
    const after = receive(forget(membership, from), message);
    return { ...after, consequences: [parting(membership, from, 'restarted'), ...after.consequences] };
  }
  const bye = byes.get(from);
  if (bye !== undefined && (epoch < bye.epoch || (epoch === bye.epoch && message.seq < bye.seq))) {
    const contested = bye.contested || epoch < bye.epoch;
    return { membership: { ...membership, byes: new Map(byes).set(from, { ...bye, contested }) }, consequences: [] };
  }
  if (message.kind === 'bye') {
    const consequences = known === undefined ? [] : [parting(membership, from, 'bye')];
    return { membership: withBye(forget(membership, from), message), consequences };
  }
  if (known === undefined && view.members.size >= MAX_MEMBERS)
    return { membership, consequences: turnAway(view, message) };
  return take(membership, message);
}

/** The membership without this peer. */
export function forget(membership: Membership, peer: PeerId): Membership {
  return {
    ...membership,
    view: withoutMember(membership.view, peer),
    strangers: withoutKey(membership.strangers, peer),
    lastSeq: withoutKey(membership.lastSeq, peer),
  };
}

/** The membership when this bye is too old for anything sent before it to come still. */
export function withoutBye(membership: Membership, peer: PeerId): Membership {
  return { ...membership, byes: withoutKey(membership.byes, peer) };
}

function parting({ view }: Membership, peer: PeerId, reason: 'bye' | 'restarted'): Consequence {
  return view.members.has(peer) ? { type: 'parted', peer, reason } : { type: 'dropped', peer };
}

function withBye(membership: Membership, { from, epoch, seq }: SignalingMessage): Membership {
  const byes = new Map(membership.byes);
  byes.delete(from);
  byes.set(from, { epoch, seq, contested: false });
  for (const oldest of byes.keys()) {
    if (byes.size <= MAX_MEMBERS) break;
    byes.delete(oldest);
  }
  return { ...membership, byes };
}

/** The room is full. Whoever came last must learn that: those who invite are told who is here, and count for themselves. */
function turnAway(view: View, message: Exclude<SignalingMessage, Of<'bye'>>): Consequence[] {
  const peer = message.from;
  const self = selfOf(view);
  const consequences: Consequence[] = message.epoch < self.epoch ? [{ type: 'surplus', peer }] : [];
  if (message.kind !== 'invite') return consequences;
  const isPlain = !self.compatible || !message.body.compatible;
  return [...consequences, { type: isPlain ? 'answer' : 'introduce', peer }];
}

/** A message of a member, of a stranger, or of somebody new for whom there is room; of no other epoch than is known. */
function take(membership: Membership, message: Exclude<SignalingMessage, Of<'bye'>>): Outcome {
  switch (message.kind) {
    case 'invite':
      return takeInvite(membership, message);
    case 'answer':
      return isPlainPair(membership.view, message)
        ? describe(membership, message)
        : meet(membership, message, 'lacking');
    case 'profile':
      return takeProfile(membership, message);
    case 'beat': {
      const known = membership.view.members.get(message.from);
      // An earlier number, but said later: the profile that we have was garbled.
      const isLater = message.seq > (membership.lastSeq.get(message.from) ?? -1);
      const isOther = known !== undefined && message.body.profile !== known.profile;
      const isNews = isOther && (isLater || message.body.profile > known.profile);
      const isMistaken = known?.compatible === false;
      if (!(isNews || isMistaken) || !selfOf(membership.view).compatible) return meet(membership, message, 'lacking');
      return { membership, consequences: [upheld(message), { type: 'lacks', peer: message.from }] };
    }
    case 'profile.ask':
      return withAlso(meet(membership, message, 'lacking'), { type: 'introduce', peer: message.from });
  }
}

function takeInvite(membership: Membership, message: Of<'invite'>): Outcome {
  const self = selfOf(membership.view);
  const { from: peer, body } = message;
  const isListed = body.known.some(({ id, epoch }) => id === self.id && epoch === self.epoch);
  const isPlain = isPlainPair(membership.view, message);
  const outcome = isPlain ? describe(membership, message) : meet(membership, message, 'coming');
  return isListed ? outcome : withAlso(outcome, { type: isPlain ? 'answer' : 'introduce', peer });
}

function takeProfile(membership: Membership, message: Of<'profile'>): Outcome {
  const { from, epoch, seq, body } = message;
  // By when it was said, not by its number: one that was garbled must not outlive those that follow.
  if (seq <= (membership.lastSeq.get(from) ?? -1)) return { membership, consequences: [upheld(message)] };
  return enterInOrder(membership, message, withProfile(membership.view, from, epoch, body));
}

/** What one of two says of itself of whom one does not speak RPR. Nobody forgets how to speak it within an epoch. */
function describe(membership: Membership, message: Of<'invite' | 'answer'>): Outcome {
  const { from, epoch, seq, body } = message;
  const { view, lastSeq } = membership;
  const hasProfile = selfOf(view).compatible && view.members.get(from)?.compatible === true;
  if (hasProfile || seq <= (lastSeq.get(from) ?? -1)) return { membership, consequences: [upheld(message)] };
  return enterInOrder(membership, message, withSession(view, from, epoch, body));
}

/** The same, and what was said before it is old news from then on. */
function enterInOrder(membership: Membership, message: SignalingMessage, view: View): Outcome {
  const outcome = enter(membership, message, view);
  const lastSeq = new Map(membership.lastSeq).set(message.from, message.seq);
  return { ...outcome, membership: { ...outcome.membership, lastSeq } };
}

/** The view holds what this message says of its sender. */
function enter(membership: Membership, message: SignalingMessage, view: View): Outcome {
  const { from: peer } = message;
  const described: Consequence = { type: 'described', peer };
  if (membership.view.members.has(peer))
    return { membership: { ...membership, view }, consequences: [upheld(message), described] };
  const isStranger = membership.strangers.has(peer);
  const unique = yieldingTo(view, peer, membership.yielded);
  return {
    membership: {
      ...membership,
      view: unique,
      strangers: withoutKey(membership.strangers, peer),
      yielded: unique === view ? membership.yielded : new Set(membership.yielded).add(peer),
    },
    consequences: [isStranger ? described : { type: 'met', peer, description: 'known' }, { type: 'joined', peer }],
  };
}

/** A message that says nothing of its sender but that it is there. */
function meet(membership: Membership, message: SignalingMessage, description: 'coming' | 'lacking'): Outcome {
  const { view, strangers } = membership;
  const { from: peer, epoch } = message;
  if (view.members.has(peer) || strangers.has(peer)) return { membership, consequences: [upheld(message)] };
  if (strangers.size >= MAX_MEMBERS) return { membership, consequences: [] };
  return {
    membership: { ...membership, strangers: new Map(strangers).set(peer, epoch) },
    consequences: [{ type: 'met', peer, description }],
  };
}

function isPlainPair(view: View, { body }: Of<'invite' | 'answer'>): boolean {
  return !selfOf(view).compatible || !body.compatible;
}

function upheld({ from }: SignalingMessage): Consequence {
  return { type: 'upheld', peer: from };
}

function withAlso({ membership, consequences }: Outcome, consequence: Consequence): Outcome {
  return { membership, consequences: [...consequences, consequence] };
}
