/**
 * Opens what others say, and believes no more of it than is proved: that it was said by whoever holds the key that the id is known by,
 * about this subject, once, and now. The time is given.
 *
 * What shows that it is said now: whoever says something to us alone binds it to the epoch of our process, which nobody knew before
 * we started. What was kept of an earlier call cannot be so. What is said to all is believed for a moment of one who has not
 * proved itself yet, as far as it says that somebody is there; then it is asked.
 */

import { Allowance, type Limit } from '../../../machines/hearing/allowance.ts';
import { readEnvelope } from '../../../machines/hearing/wire-text.ts';
import { MAX_MEMBERS, type PeerId } from '../../../machines/messages.ts';
import { type Address, ALL, subjectOf } from '../../../machines/subjects.ts';
import type { Keys, Refused, Self } from './contract.ts';
import { type Content, isGenuine, LOCKED, readContent, SIGNED } from './envelope.ts';
import { Process, Speaker } from './speaker.ts';

export interface Opened {
  readonly text: string;
  /** The sender must be asked to prove that it is here. */
  readonly ask: boolean;
}

/** As many as are heard: see {@link Hearing}. */
const MAX_SPEAKERS = 2 * MAX_MEMBERS;
/** Signatures of ids that have signed nothing yet. */
const STRANGERS: Limit = { burst: 2 * MAX_MEMBERS, perSecond: 50 };
/** Says no more than that somebody is there, or goes. */
const OF_PRESENCE: ReadonlySet<string> = new Set(['invite', 'profile', 'beat', 'bye']);
const BRACE = 0x7b;

const decoder = new TextDecoder();

export class Opener {
  readonly #keys: Keys;
  readonly #self: Self;
  readonly #speakers = new Map<PeerId, Speaker>();
  readonly #strangers = new Allowance(STRANGERS);

  constructor(keys: Keys, self: Self) {
    this.#keys = keys;
    this.#self = self;
  }

  /** The epoch of the process of this id that was heard last; 0: none. */
  epochOf(id: PeerId): number {
    return this.#speakers.get(id)?.epoch ?? 0;
  }

  /** By which key this process of a member has proved itself; null: by none. */
  provenKey(id: PeerId, epoch: number): string | null {
    const key = this.#keyOf(id);
    const process = key === undefined ? undefined : this.#speakers.get(id)?.processOf(epoch, key);
    return process?.isProven ? process.key : null;
  }

  /** Whether a question of this id may be answered. */
  mayAnswer(id: PeerId, nowMs: number): boolean {
    return this.#speakers.get(id)?.answers.take(1, nowMs) ?? false;
  }

  open(address: Address, bytes: Uint8Array, nowMs: number): Opened | Refused {
    const { from, to } = address;
    const content = this.#contentOf(address, bytes);
    if ('fault' in content) return content;
    const text = decoder.decode(content.text);
    const isBare = content.signature === null && this.#keys.room === null;
    if (isBare) return this.#openBare(from, text, nowMs);
    const named = readEnvelope(text);
    if (named === undefined) return refused('invalid', 'not numbered as messages are');
    if (to !== ALL && content.forEpoch !== this.#self.epoch) return refused('replayed', 'meant for another process');
    const key = content.signature?.key ?? null;
    const speaker = this.#speakers.get(from) ?? new Speaker(nowMs);
    const known = speaker.processOf(named.epoch, key);
    if (known !== undefined && !known.heard.isFresh(named.seq)) return refused('replayed', `number ${named.seq} again`);
    const isNew = !this.#speakers.has(from);
    if (!(isNew ? this.#strangers : speaker.checks).take(1, nowMs)) return refused('flood', 'too many signatures');
    if (!isGenuine(subjectOf(address), content)) return refused('forged', 'the signature is not good');
    const knownKey = this.#keyOf(from);
    if (knownKey !== undefined && knownKey !== key) return this.#refuseKey(from, key);
    const process = known ?? new Process(named.epoch, key, nowMs);
    if (known === undefined) {
      if (isNew) this.#admit(from, speaker);
      speaker.admit(process);
    }
    process.heard.take(named.seq);
    speaker.heardMs = nowMs;
    return this.#believe(address, { speaker, process, text }, nowMs);
  }

  /** What claims an id, or answers that: nobody has been heard before. */
  openClaim(address: Address, bytes: Uint8Array, forEpoch: number): string | undefined {
    const content = this.#contentOf(address, bytes);
    if ('fault' in content) return undefined;
    const isBare = content.signature === null && this.#keys.room === null;
    if (!isBare && (content.forEpoch !== forEpoch || !isGenuine(subjectOf(address), content))) return undefined;
    return decoder.decode(content.text);
  }

  #contentOf(address: Address, bytes: Uint8Array): Content | Refused {
    const { room } = this.#keys;
    const isLocked = bytes[0] === LOCKED;
    if (room === null) {
      if (isLocked) return refused('locked', 'the room has a key here');
      if (bytes[0] !== SIGNED) return { forEpoch: 0, text: bytes, signature: null };
      const content = readContent(bytes.subarray(1));
      // Without a key only what is signed is written so.
      return content?.signature ? content : refused('invalid', 'no sealed message');
    }
    if (!isLocked) return refused('unlocked', 'the room has no key there');
    const opened = room.open(address.from, subjectOf(address), bytes.subarray(1));
    if (opened === undefined) {
      const hasOurs = this.#speakers.get(address.from)?.isProven ?? false;
      return refused(hasOurs ? 'forged' : 'locked', 'sealed under another key, or changed on the way');
    }
    return readContent(opened) ?? refused('invalid', 'no sealed message');
  }

  /** Of one who does not sign, in a room that is open: anybody can say it. */
  #openBare(from: PeerId, text: string, nowMs: number): Opened | Refused {
    if (this.#keyOf(from) !== undefined) return refused('unsigned', 'this id is known to sign');
    const named = text.charCodeAt(0) === BRACE ? readEnvelope(text) : undefined;
    if (named !== undefined) {
      const speaker = this.#speakers.get(from) ?? new Speaker(nowMs);
      if (!this.#speakers.has(from)) this.#admit(from, speaker);
      if (speaker.isProven) return refused('unsigned', 'this id has signed before');
      speaker.heardMs = nowMs;
      speaker.epoch = named.epoch;
    }
    return { text, ask: false };
  }

  #believe(
    { from, to, kind }: Address,
    { speaker, process, text }: { readonly speaker: Speaker; readonly process: Process; readonly text: string },
    nowMs: number,
  ): Opened | Refused {
    if (to !== ALL && !process.isProven) {
      process.isProven = true;
      if (process.key !== null && this.#keyOf(from) === undefined) this.#keys.known.meet(from, process.key);
    }
    if (process.isProven) {
      speaker.epoch = process.epoch;
      return { text, ask: false };
    }
    if (speaker.hasLater(process.epoch)) return refused('replayed', 'a later process of this id is here');
    speaker.epoch = process.epoch;
    const isOwn = from === this.#self.id;
    const ask = process.mustProve(nowMs, isOwn);
    const isBelieved = !isOwn && OF_PRESENCE.has(kind) && process.isPlausible(nowMs);
    return isBelieved ? { text, ask } : { ...refused('unproven', 'nothing shows that it is said now'), ask };
  }

  #keyOf(id: PeerId): string | undefined {
    const { identity, known } = this.#keys;
    return id === this.#self.id && identity !== null ? identity.publicKey : known.keyOf(id);
  }

  #refuseKey(from: PeerId, key: string | null): Refused {
    if (key === null) return refused('unsigned', 'this id is known to sign');
    if (from !== this.#self.id) this.#keys.known.refuse(from, key);
    return refused('other-key', `not the key that it is known by; if that is right: rpr trust ${from}`);
  }

  #admit(from: PeerId, speaker: Speaker): void {
    if (this.#speakers.size >= MAX_SPEAKERS) this.#forget();
    this.#speakers.set(from, speaker);
  }

  /** Whoever was heard least recently; first of those that have proved nothing. */
  #forget(): void {
    let least: { readonly id: PeerId; readonly speaker: Speaker } | undefined;
    for (const [id, speaker] of this.#speakers) {
      if (least === undefined || isLess(speaker, least.speaker)) least = { id, speaker };
    }
    if (least !== undefined) this.#speakers.delete(least.id);
  }
}

function isLess(a: Speaker, b: Speaker): boolean {
  return a.isProven === b.isProven ? a.heardMs < b.heardMs : b.isProven;
}

function refused(fault: Refused['fault'], detail: string): Refused {
  return { fault, detail };
}
