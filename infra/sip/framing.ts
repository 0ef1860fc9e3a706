/** Cuts the messages out of a TCP connection's bytes (RFC 3261 section 18.3). Each message tells its length. */
import { wholeNumber } from './grammar.ts';
import { longName } from './message.ts';
import { headEnd, MAX_SIP_BYTES } from './read.ts';

const EMPTY: Uint8Array = new Uint8Array();

/** Room that a connection begins with, in bytes; it doubles until the largest message fits. */
const FIRST_ROOM = 4096;

/** Whatever comes, however it is cut, each byte is looked at and copied a few times, no more. */
export class StreamFraming {
  #room = EMPTY;
  /** How many bytes of the room hold what has come and is no whole message yet. */
  #length = 0;
  /** So far no head ends. */
  #seen = 0;
  /** Where the message ends that has come in part; null: its head has not come. */
  #end: number | null = null;

  /** Whether part of a message has come, and the rest has not. */
  get isPending(): boolean {
    return this.#length > 0;
  }

  /** @returns the messages that are whole by now; null: what comes is no SIP, and the connection is to be closed */
  take(bytes: Uint8Array): Uint8Array[] | null {
    this.#append(bytes);
    const messages: Uint8Array[] = [];
    for (;;) {
      const end = this.#end ?? this.#findEnd();
      if (end === null) return null;
      this.#end = end === undefined ? null : end;
      if (end === undefined) return this.#length > MAX_SIP_BYTES ? null : messages;
      if (this.#length < end) return messages;
      messages.push(this.#room.slice(0, end));
      this.#drop(end);
    }
  }

  /** Where the first message ends; undefined: not known yet; null: it does not tell. */
  #findEnd(): number | undefined | null {
    // Empty lines keep a connection open (RFC 5626 section 3.5.1).
    let blank = 0;
    while (blank < this.#length && (this.#room[blank] === 13 || this.#room[blank] === 10)) blank++;
    if (blank > 0) this.#drop(blank);
    const pending = this.#room.subarray(0, this.#length);
    const ends = headEnd(pending, this.#seen);
    // The end of a line may be the first byte of the end of the head.
    this.#seen = Math.max(0, this.#length - 2);
    if (ends === undefined) return undefined;
    const length = lengthIn(Buffer.from(pending.subarray(0, ends.head)).toString('latin1'));
    return length === undefined ? null : ends.body + length;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#room.length) {
      const room = new Uint8Array(Math.max(FIRST_ROOM, 2 * length));
      room.set(this.#room.subarray(0, this.#length));
      this.#room = room;
    }
    this.#room.set(bytes, this.#length);
    this.#length = length;
  }

  #drop(count: number): void {
    this.#room.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#seen = 0;
    this.#end = null;
    // Who waits for the next message needs no room for it.
    if (this.#length === 0) this.#room = EMPTY;
  }
}

/** Undefined: it says none, or two, so that nobody can tell where the next message begins. */
function lengthIn(head: string): number | undefined {
  const lengths = head.split('\n').flatMap((line) => {
    const [, name, value] = /^([A-Za-z-]+)[ \t]*:[ \t]*(.*?)\s*$/.exec(line) ?? [];
    return name !== undefined && longName(name) === 'content-length' ? [value ?? ''] : [];
  });
  const [length, ...others] = lengths;
  return length === undefined || others.length > 0 ? undefined : wholeNumber(length, MAX_SIP_BYTES);
}
