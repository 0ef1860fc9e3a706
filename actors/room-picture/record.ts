/**
 * What is known of a room from all that is said in it: its members, what runs between them, and what has happened. It takes what is
 * heard and returns what is news; whoever holds it has the clock. Its inputs are from the network: what a member says counts for
 * that member alone, and so much of it as it may say.
 */
import { Allowance, type Limit } from '../../machines/hearing/allowance.ts';
import { type Incoming, MAX_MEMBERS, type PeerId } from '../../machines/messages.ts';
import { memberTimeoutMs } from '../../machines/timers.ts';
import { type View, withoutMember, withProfile, withSession } from '../../machines/view.ts';
import type { Transition } from '../call/inspector.ts';
import { Agreements } from './agreements.ts';
import type { MessageLine, RoomEvent, RoomPicture } from './contract.ts';
import type { Heard } from './heard.ts';
import { type MachineStates, withTransition } from './machine-states.ts';
import { textOf } from './message-text.ts';
import { withNewest } from './newest.ts';
import { pictureOf } from './picture.ts';
import { switchesOf } from './switches.ts';

/** What to say of what was heard. */
export interface News {
  readonly events: readonly RoomEvent[];
  readonly line?: MessageLine;
  /** The members, or what one of them says of itself, are not the same. */
  readonly changed: boolean;
  /** Whose machines moved. */
  readonly moved?: PeerId;
  /** Who said something, but has not described itself. */
  readonly lacking?: PeerId;
}

/** All that a member says to each other one passes here, so it is more than each of them would take. */
const OF_ONE_SENDER: Limit = { burst: 8 * MAX_MEMBERS, perSecond: 300 };
/** A member that misses slices says so each second; silent for this long, it is news again. In ms. */
const MISSING_AGAIN_MS = 3000;
/** Streams that a member misses are remembered up to this; more are told again. */
const MAX_MISSED = 64;
/** Other members that one says to be cut off from, in one event. */
const MAX_CUT_TOLD = 16;

const NOTHING: News = { events: [], changed: false };
/** A watcher is none of the members. */
const NOBODY = '';

export class RoomRecord {
  #view: View = { self: NOBODY, members: new Map() };
  #heardMs = new Map<PeerId, number>();
  #missed = new Map<PeerId, ReadonlyMap<string, number>>();
  #machines = new Map<PeerId, MachineStates>();
  #allowances = new Map<PeerId, Allowance>();
  #agreements = new Agreements();
  #connected = true;

  /** The same, to go on from later: what is shown of a moment must not change with the next. */
  clone(): RoomRecord {
    const copy = new RoomRecord();
    copy.#view = this.#view;
    copy.#heardMs = new Map(this.#heardMs);
    copy.#missed = new Map(this.#missed);
    copy.#machines = new Map(this.#machines);
    copy.#agreements = this.#agreements.clone();
    copy.#connected = this.#connected;
    return copy;
  }

  picture(): RoomPicture {
    return pictureOf(this.#view.members);
  }

  /** Of the peers that tell of their machines. */
  get machines(): ReadonlyMap<PeerId, MachineStates> {
    return this.#machines;
  }

  hear(heard: Heard): News {
    switch (heard.type) {
      case 'bus':
        return this.#hearBus(heard.connected, heard.atMs);
      case 'transition':
        return this.#hearTransition(heard.from, heard.transition, heard.atMs);
      case 'message':
        return this.#hearMessage(heard);
    }
  }

  /** Who has said nothing for longer than a member may has gone. */
  judge(nowMs: number): News {
    if (!this.#connected) return NOTHING;
    const timeoutMs = memberTimeoutMs(this.#view.members.size);
    const silent = [...this.#view.members.keys()].filter(
      (peer) => nowMs - (this.#heardMs.get(peer) ?? nowMs) > timeoutMs,
    );
    for (const peer of silent) this.#forget(peer);
    return {
      events: silent.map((peer) => ({ what: 'left', atMs: nowMs, peer, why: 'silent' })),
      changed: silent.length > 0,
    };
  }

  #hearBus(connected: boolean, atMs: number): News {
    this.#connected = connected;
    for (const peer of this.#heardMs.keys()) this.#heardMs.set(peer, atMs);
    return NOTHING;
  }

  /** The peer's clock may be any; ours orders what we heard. */
  #hearTransition(from: PeerId, transition: Transition, atMs: number): News {
    if (!this.#machines.has(from) && this.#machines.size >= MAX_MEMBERS) return NOTHING;
    const before = this.#machines.get(from) ?? new Map();
    this.#machines.set(from, withTransition(before, { ...transition, atMs }));
    return { events: [], changed: false, moved: from };
  }

  #hearMessage({ atMs, to, message }: Extract<Heard, { type: 'message' }>): News {
    const { from, epoch, kind } = message;
    if (!this.#allows(from, atMs)) return NOTHING;
    const line = kind === 'beat' ? {} : { line: { atMs, from, to, kind, text: shortText(message) } };
    const known = this.#view.members.get(from);
    if (known !== undefined && epoch < known.epoch) return { ...NOTHING, ...line };
    const events: RoomEvent[] = [];
    if (known !== undefined && epoch > known.epoch) {
      this.#forget(from);
      events.push({ what: 'left', atMs, peer: from, why: 'restarted' });
    }
    if (this.#view.members.has(from)) this.#heardMs.set(from, atMs);
    const before = this.#view;
    events.push(...this.#take(message, to, atMs));
    const isNew = !before.members.has(from) && this.#view.members.has(from);
    if (isNew) {
      this.#heardMs.set(from, atMs);
      events.push({ what: 'joined', atMs, peer: from });
    }
    return { events, ...line, changed: events.length > 0 || before !== this.#view, ...this.#lack(message) };
  }

  #take(message: Incoming, to: string, atMs: number): RoomEvent[] {
    const { from, epoch } = message;
    const { members } = this.#view;
    const isMember = members.has(from);
    const isRoom = isMember || members.size < MAX_MEMBERS;
    switch (message.kind) {
      case 'invite':
      case 'answer':
        if (isRoom) this.#view = withSession(this.#view, from, epoch, message.body);
        return [];
      case 'profile': {
        if (!isRoom) return [];
        const before = members.get(from);
        this.#view = withProfile(this.#view, from, epoch, message.body);
        const after = this.#view.members.get(from);
        if (before === undefined || after === undefined || before === after) return [];
        const cut = after.cut.filter((other) => !before.cut.includes(other)).slice(0, MAX_CUT_TOLD);
        return [
          ...switchesOf(from, before.routes, after.routes, atMs),
          ...(cut.length > 0 ? [{ what: 'cut', atMs, peer: from, others: cut } as const] : []),
        ];
      }
      case 'bye':
        if (!isMember) return [];
        this.#forget(from);
        return [{ what: 'left', atMs, peer: from, why: 'bye' }];
      case 'relay.offer':
        return isMember ? this.#agreements.offered(from, to, message.body, atMs) : [];
      case 'relay.reject':
        return isMember ? [{ what: 'refused', atMs, client: to, relay: from, code: message.body.code }] : [];
      case 'relay.release':
        return isMember ? this.#agreements.released(from, to, message.body, atMs) : [];
      case 'media.missing':
        return isMember ? this.#miss(from, to, message.body.stream, atMs) : [];
      default:
        return [];
    }
  }

  #miss(receiver: PeerId, source: PeerId, stream: string, atMs: number): RoomEvent[] {
    const key = `${source} ${stream}`;
    const missed = this.#missed.get(receiver);
    const lastMs = missed?.get(key);
    this.#missed.set(receiver, withNewest(missed, [key, atMs], MAX_MISSED));
    const isNews = lastMs === undefined || atMs - lastMs > MISSING_AGAIN_MS;
    return isNews ? [{ what: 'missing', atMs, source, stream, receiver }] : [];
  }

  /** Whoever speaks as a member and is not known, or has another profile than the one that is. */
  #lack({ from, kind, ...message }: Incoming): Pick<News, 'lacking'> {
    const member = this.#view.members.get(from);
    const isOther = 'profile' in message.body && message.body.profile !== member?.profile;
    return kind === 'beat' && isOther ? { lacking: from } : {};
  }

  #allows(from: PeerId, atMs: number): boolean {
    const known = this.#allowances.get(from);
    const allowance = known ?? new Allowance(OF_ONE_SENDER);
    if (known === undefined) {
      // Strangers come and go under ever new names; members keep theirs.
      if (this.#allowances.size >= 2 * MAX_MEMBERS) this.#allowances.clear();
      this.#allowances.set(from, allowance);
    }
    return allowance.take(1, atMs);
  }

  #forget(peer: PeerId): void {
    this.#view = withoutMember(this.#view, peer);
    this.#heardMs.delete(peer);
    this.#missed.delete(peer);
    this.#machines.delete(peer);
    this.#agreements.forgetRelay(peer);
  }
}

/** Without the agreement's id, which nobody reads. */
function shortText(message: Incoming): string {
  const text = textOf(message);
  return 'agreement' in message.body ? text.replace(`${message.body.agreement} `, '') : text;
}
