/**
 * Presences that say nothing new, held back from the machines: in a room of many they are nearly all that comes. That their
 * senders live is told of all together now and then, and always before a machine would miss one of them. Those that only say
 * how a source runs now can wait for others like them: when one joins, all say so at once. Pure: the time is given.
 */
import { type Kind, type PeerId, SESSION_KINDS } from '../machines/messages.ts';
import type { Heard } from '../machines/ports.ts';
import { ALL } from '../machines/subjects.ts';
import { DELAYS } from '../machines/timers.ts';

/** How often those heard are told of, in ms: each wakes machines. Short of `memberTimeout` by more than a presence may be late. */
export const TELL_MS = 2000;
/** A machine's timer must not fire while what calls it off is on its way: a busy process may be that late. In ms. */
const MARGIN_MS = 250;

/** How `encodeMessage` begins: what differs between two presences of one peer that say the same. */
const HEAD = /^\{"epoch":(\d+),"seq":(\d+),/;
/** Where a presence begins to tell how its sender's source runs, up to its end; no text in it can hold these quotes. */
const RUNNING = '"routes":';

const NEVER = Number.NEGATIVE_INFINITY;

/** `waits`: it is news, but for planning only, and can be passed on together with others. */
export type Fate = 'passes' | 'waits' | 'held';

interface Sender {
  readonly epoch: string;
  /** Its newest presence but for the head; empty where a session message has come since. */
  rest: string;
  /** Of the newest of these. */
  seq: number;
  heardMs: number;
  /** When the machines believe it was heard last. */
  toldMs: number;
}

export class PresenceFilter {
  readonly #senders = new Map<PeerId, Sender>();
  /** Until when all that these say is passed on. */
  readonly #partnersUntil = new Map<PeerId, number>();
  #nextTellMs: number;

  constructor(nowMs: number) {
    this.#nextTellMs = nowMs + TELL_MS;
  }

  /** A message of ours goes out. */
  said(to: PeerId | typeof ALL, kind: Kind, nowMs: number): void {
    // Who asks everybody to introduce themselves begins anew with all of them.
    if (to === ALL && kind === 'invite') this.#senders.clear();
    else if (isAgreement(kind)) this.#agreed(to, nowMs);
  }

  /** What becomes of this message, as it came on the bus. Of one that waits, too, {@link due} tells that its sender lives. */
  fateOf(kind: Kind, from: PeerId, text: string, nowMs: number): Fate {
    if (kind === 'presence') return this.#fateOfPresence(from, text, nowMs);
    if (SESSION_KINDS.includes(kind)) this.#describe(from, text);
    if (isAgreement(kind)) this.#agreed(from, nowMs);
    return 'passes';
  }

  #fateOfPresence(from: PeerId, text: string, nowMs: number): Fate {
    const [head = '', epoch = '', seqText] = HEAD.exec(text) ?? [];
    const seq = Number(seqText ?? Number.NaN);
    const rest = text.slice(head.length);
    const known = this.#senders.get(from);
    if (known === undefined || known.epoch !== epoch || head === '') {
      this.#senders.set(from, { epoch, rest, seq, heardMs: nowMs, toldMs: nowMs });
      return 'passes';
    }
    known.heardMs = nowMs;
    // What was sent before the last one but comes after it is old news.
    const isNews = seq > known.seq && rest !== known.rest;
    const isUrgent = isNews && !differsInRunning(known.rest, rest);
    if (seq > known.seq) {
      known.seq = seq;
      known.rest = rest;
    }
    const inTime = this.#nextTellMs + MARGIN_MS < known.toldMs + DELAYS.memberTimeout;
    if (!isUrgent && inTime && !this.#isPartner(from, nowMs)) return isNews ? 'waits' : 'held';
    known.toldMs = nowMs;
    return 'passes';
  }

  /**
   * A session message describes the sender too: the presence after it is believed even where it repeats the one before. One that
   * was sent before it and comes late is not: the machines do not believe that either.
   */
  #describe(from: PeerId, text: string): void {
    const [, epoch = '', seqText] = HEAD.exec(text) ?? [];
    const known = this.#senders.get(from);
    this.forget(from);
    if (seqText === undefined) return;
    const seq = Math.max(Number(seqText), known?.epoch === epoch ? known.seq : 0);
    const { heardMs, toldMs } = known ?? { heardMs: NEVER, toldMs: NEVER };
    this.#senders.set(from, { epoch, rest: '', seq, heardMs, toldMs });
  }

  /** Who has been heard and not told of. To be called every {@link TELL_MS}. */
  due(nowMs: number): Heard[] {
    this.#nextTellMs = nowMs + TELL_MS;
    const heard: Heard[] = [];
    for (const [peer, sender] of this.#senders) {
      if (sender.heardMs <= sender.toldMs) continue;
      sender.toldMs = sender.heardMs;
      heard.push({ peer, agoMs: nowMs - sender.heardMs });
    }
    return heard;
  }

  /** A message about an agreement with this peer: while there is one, each of its presences counts. */
  #agreed(peer: PeerId, nowMs: number): void {
    this.#partnersUntil.set(peer, nowMs + DELAYS.lease);
  }

  /** What this peer says next is passed on. */
  forget(peer: PeerId): void {
    this.#senders.delete(peer);
    this.#partnersUntil.delete(peer);
  }

  #isPartner(peer: PeerId, nowMs: number): boolean {
    const until = this.#partnersUntil.get(peer);
    if (until === undefined) return false;
    if (until > nowMs) return true;
    this.#partnersUntil.delete(peer);
    return false;
  }
}

/** Whether two presences that are not the same differ in nothing but how the sender's source runs. */
function differsInRunning(before: string, after: string): boolean {
  const at = after.indexOf(RUNNING);
  return at >= 0 && before.startsWith(after.slice(0, at + RUNNING.length));
}

function isAgreement(kind: Kind): boolean {
  return kind.startsWith('relay.');
}
