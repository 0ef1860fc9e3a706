/**
 * What stands between the bus and the machines. In a room of many nearly all that comes are beats that say nothing new, and one
 * that joins has everybody tell how its streams run now: the machines are woken for what is news only, and for many profiles
 * at once where they can wait. Each sender gets so far with us, and no further, whatever it sends. Pure: the time is given, and
 * who is a member is asked of whoever owns the view.
 */

import {
  decodeMessage,
  type Incoming,
  type Kind,
  MAX_MEMBERS,
  type MessageFault,
  type Outgoing,
  type PeerId,
} from '../messages.ts';
import type { BusEvent, Chat, Profile } from '../ports.ts';
import { isSignaling } from '../signaling/membership.ts';
import { DELAYS, memberTimeoutMs } from '../timers.ts';
import type { Member } from '../view.ts';
import { Allowance, type Limit } from './allowance.ts';
import { Sender } from './sender.ts';
import { readBeat, readProfileHead } from './wire-text.ts';

/** Who is a member, under which epoch, and by which profile it is known. */
export interface Room {
  readonly members: ReadonlyMap<PeerId, Pick<Member, 'epoch' | 'profile'>>;
}

/** A message as it came off the bus. */
export interface Arrival {
  readonly kind: Kind;
  readonly from: PeerId;
  readonly text: string;
  /** It was sent to us and to nobody else. */
  readonly alone?: boolean;
}

/** `flood`: more than its sender may send. */
export type HearingFault = MessageFault | 'flood';

/** What to do about a message. */
export interface Heard {
  /** For the root machine. */
  readonly events: readonly BusEvent[];
  /** To be published to all. */
  readonly publish?: Outgoing;
  readonly fault?: { readonly fault: HearingFault; readonly detail: string };
}

/** Those that are no members. When as many are known, the one that was heard least recently is forgotten. */
const MAX_STRANGERS = MAX_MEMBERS;
/** A room that joins at once, and then one newcomer every 50 ms: each may cost us a new plan. */
const NEWCOMERS: Limit = { burst: MAX_MEMBERS, perSecond: 20 };
/** How often another process of our id is reminded of us. */
const REMINDERS: Limit = { burst: 1, perSecond: 1 };
/** Whoever is so late to look after the others has stood still itself, and what they said waits to be read. In ms. */
const STOOD_STILL_MS = 1000;

const NEVER = Number.POSITIVE_INFINITY;
const NOTHING: Heard = { events: [] };

export class Hearing {
  readonly #self: Pick<Member, 'id' | 'epoch' | 'compatible'>;
  readonly #senders = new Map<PeerId, Sender>();
  readonly #newcomers = new Allowance(NEWCOMERS);
  readonly #reminders = new Allowance(REMINDERS);
  /** Whose profile is pending. */
  readonly #waiting = new Set<PeerId>();
  #flushMs = NEVER;
  #judgeMs = NEVER;
  /** The number of our own profile. */
  #number: number | undefined;
  #connected = true;

  constructor(self: Pick<Member, 'id' | 'epoch' | 'compatible'>) {
    this.#self = self;
  }

  /** When {@link check} is to be called next, on the clock of `nowMs`. */
  get dueMs(): number {
    return Math.min(this.#flushMs, this.#judgeMs);
  }

  /** How many senders it remembers. */
  get senders(): number {
    return this.#senders.size;
  }

  /** A message of ours goes out. */
  said(message: Outgoing): void {
    if (message.kind === 'beat') this.#number = message.body.profile;
    if (message.kind === 'profile') this.#number = message.body.number;
  }

  take(arrival: Arrival, room: Room, nowMs: number): Heard {
    const { kind, from, text } = arrival;
    const sender = this.#senderOf(from, room, nowMs);
    if (sender === undefined) return flood('too many new senders');
    if (!sender.messages.take(1, nowMs)) return flood('too many messages');
    if (!sender.characters.take(text.length, nowMs)) return flood('too much text');
    if (from !== this.#self.id && this.#saysNothing(arrival, sender, room, nowMs)) return NOTHING;
    const message = decodeMessage(kind, from, text);
    if ('fault' in message) return { events: [], fault: message };
    if (from === this.#self.id) return this.#takeOwn(message, nowMs);
    const known = room.members.get(from);
    if (known !== undefined && message.epoch !== known.epoch) return this.#takeOther(message, sender, nowMs);
    sender.hear(nowMs, memberTimeoutMs(room.members.size));
    sender.isAwaited = false;
    if (message.kind === 'profile') return this.#takeProfile(message, text, sender, known !== undefined, nowMs);
    if (message.kind === 'bye') this.#drop(from, sender);
    // Who is no member has nothing to say to people.
    if (message.kind === 'chat') return known === undefined ? NOTHING : takeChat(message, arrival, sender, nowMs);
    return { events: [...this.#overdue(from, sender, nowMs), { type: 'bus.message', message }] };
  }

  /** Time has passed. */
  check(room: Room, nowMs: number): readonly BusEvent[] {
    const events: BusEvent[] = [];
    if (nowMs >= this.#flushMs) events.push(...this.#flush(room, nowMs));
    if (nowMs >= this.#judgeMs) events.push(...this.#judge(room, nowMs));
    return events;
  }

  disconnected(): void {
    this.#connected = false;
    this.#judgeMs = NEVER;
  }

  connected(room: Room, nowMs: number): void {
    this.#connected = true;
    this.#beginAnew(room, nowMs);
  }

  /** A beat of a profile that is known or about to be told, or such a profile again: without a look at the rest of it. */
  #saysNothing({ kind, from, text }: Arrival, sender: Sender, room: Room, nowMs: number): boolean {
    if (sender.isAwaited || (kind !== 'beat' && kind !== 'profile')) return false;
    const known = room.members.get(from);
    const named = kind === 'beat' ? readBeat(text) : readProfileHead(text);
    if (known === undefined || named === undefined || named.epoch !== known.epoch) return false;
    const newest = Math.max(known.profile, sender.pending?.body.number ?? 0);
    // A number before that is late, or the newest was garbled.
    if (named.profile !== newest) return false;
    sender.hear(nowMs, memberTimeoutMs(room.members.size));
    return true;
  }

  /** Of a process under our own id. */
  #takeOwn({ epoch }: Incoming, nowMs: number): Heard {
    if (epoch > this.#self.epoch) return { events: [{ type: 'bus.replaced' }] };
    if (epoch === this.#self.epoch || !this.#self.compatible || this.#number === undefined) return NOTHING;
    if (!this.#reminders.take(1, nowMs)) return NOTHING;
    return { events: [], publish: { kind: 'beat', body: { profile: this.#number } } };
  }

  /** Of another process of a member than the one that is known. What it asks of us uses up nothing of what tells us who it is. */
  #takeOther(message: Incoming, sender: Sender, nowMs: number): Heard {
    if (isSignaling(message) && !sender.otherEpochs.take(1, nowMs)) return flood('too many processes');
    if (message.kind === 'chat') return NOTHING;
    sender.isAwaited = true;
    return { events: [{ type: 'bus.message', message }] };
  }

  #takeProfile(message: Profile, text: string, sender: Sender, isMember: boolean, nowMs: number): Heard {
    const resting = readProfileHead(text)?.resting;
    const isUrgent = !isMember || resting === undefined || resting !== sender.resting;
    if (isUrgent && sender.profiles.take(1, nowMs)) {
      this.#drop(message.from, sender);
      sender.resting = resting;
      return { events: [{ type: 'bus.message', message }] };
    }
    if (!isMember) return flood('too many profiles');
    sender.resting = resting;
    if (sender.pending === undefined || message.seq > sender.pending.seq) sender.pending = message;
    this.#waiting.add(message.from);
    if (this.#flushMs === NEVER) this.#flushMs = nowMs + DELAYS.profileGathering;
    return NOTHING;
  }

  /** What this sender said before goes before what it says now, as far as it may. */
  #overdue(from: PeerId, sender: Sender, nowMs: number): BusEvent[] {
    const { pending } = sender;
    if (pending === undefined || !sender.profiles.take(1, nowMs)) return [];
    this.#drop(from, sender);
    return [{ type: 'bus.profiles', profiles: [pending] }];
  }

  #drop(from: PeerId, sender: Sender): void {
    sender.pending = undefined;
    this.#waiting.delete(from);
  }

  #flush(room: Room, nowMs: number): BusEvent[] {
    const profiles: Profile[] = [];
    for (const from of this.#waiting) {
      const sender = this.#senders.get(from);
      if (sender?.pending === undefined || !room.members.has(from)) {
        this.#waiting.delete(from);
        if (sender !== undefined) sender.pending = undefined;
      } else if (sender.profiles.take(1, nowMs)) {
        profiles.push(sender.pending);
        this.#drop(from, sender);
      }
    }
    this.#flushMs = this.#waiting.size > 0 ? nowMs + DELAYS.profileGathering : NEVER;
    return profiles.length > 0 ? [{ type: 'bus.profiles', profiles }] : [];
  }

  #judge(room: Room, nowMs: number): BusEvent[] {
    if (nowMs - this.#judgeMs > STOOD_STILL_MS) {
      this.#beginAnew(room, nowMs);
      return [];
    }
    const timeoutMs = memberTimeoutMs(room.members.size);
    const events: BusEvent[] = [];
    let nextMs = nowMs + timeoutMs;
    for (const peer of room.members.keys()) {
      if (peer === this.#self.id) continue;
      const sender = this.#senders.get(peer) ?? this.#admit(peer, room, nowMs);
      // In a room that has grown beats are slower than when it was heard; in one that has shrunk its last was still slow.
      const deadlineMs = Math.max(sender.deadlineMs, sender.heardMs + timeoutMs);
      if (deadlineMs > nowMs) nextMs = Math.min(nextMs, deadlineMs);
      else if (!sender.isUnheard) {
        sender.isUnheard = true;
        sender.isAwaited = true;
        events.push({ type: 'member.unheard', peer });
      }
    }
    this.#judgeMs = nextMs;
    return events;
  }

  /** Nobody could be heard: everybody gets as much time again. */
  #beginAnew(room: Room, nowMs: number): void {
    const timeoutMs = memberTimeoutMs(room.members.size);
    for (const sender of this.#senders.values()) sender.hear(nowMs, timeoutMs);
    this.#judgeMs = nowMs + timeoutMs;
  }

  #senderOf(from: PeerId, room: Room, nowMs: number): Sender | undefined {
    const known = this.#senders.get(from);
    if (known !== undefined) return known;
    if (!room.members.has(from) && !this.#newcomers.take(1, nowMs)) return undefined;
    return this.#admit(from, room, nowMs);
  }

  #admit(from: PeerId, room: Room, nowMs: number): Sender {
    if (this.#senders.size >= MAX_MEMBERS + MAX_STRANGERS) this.#forgetStranger(room);
    const timeoutMs = memberTimeoutMs(room.members.size);
    const sender = new Sender(nowMs, timeoutMs);
    this.#senders.set(from, sender);
    if (this.#connected) this.#judgeMs = Math.min(this.#judgeMs, nowMs + timeoutMs);
    return sender;
  }

  #forgetStranger(room: Room): void {
    let oldest: { readonly from: PeerId; readonly heardMs: number } | undefined;
    for (const [from, { heardMs }] of this.#senders) {
      if (room.members.has(from) || heardMs >= (oldest?.heardMs ?? NEVER)) continue;
      oldest = { from, heardMs };
    }
    if (oldest === undefined) return;
    this.#senders.delete(oldest.from);
    this.#waiting.delete(oldest.from);
  }
}

function takeChat(message: Chat, { alone = false }: Arrival, sender: Sender, nowMs: number): Heard {
  if (!sender.chats.take(1, nowMs)) return flood('too many chat messages');
  return { events: [{ type: 'bus.chat', message, alone }] };
}

function flood(detail: string): Heard {
  return { events: [], fault: { fault: 'flood', detail } };
}
