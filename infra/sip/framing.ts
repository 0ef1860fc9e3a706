/** Cuts the messages out of a TCP connection's bytes (RFC 3261 section 18.3). Each message tells its length. */
import { wholeNumber } from './grammar.ts';
import { longName } from './message.ts';
import { headEnd, MAX_SIP_BYTES } from './read.ts';

const EMPTY = new Uint8Array();

export class StreamFraming {
  #pending: Uint8Array = EMPTY;

  /** @returns the messages that are whole by now; null: what comes is no SIP, and the connection is to be closed */
  take(bytes: Uint8Array): Uint8Array[] | null {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const messages: Uint8Array[] = [];
    for (;;) {
      // Empty lines keep a connection open (RFC 5626 section 3.5.1).
      const from = this.#pending.findIndex((byte) => byte !== 13 && byte !== 10);
      this.#pending = from < 0 ? EMPTY : this.#pending.subarray(from);
      const ends = headEnd(this.#pending, 0);
      if (ends === undefined) return this.#pending.length > MAX_SIP_BYTES ? null : messages;
      const length = lengthIn(Buffer.from(this.#pending.subarray(0, ends.head)).toString('latin1'));
      if (length === undefined) return null;
      const end = ends.body + length;
      if (this.#pending.length < end) return messages;
      messages.push(this.#pending.subarray(0, end));
      this.#pending = this.#pending.subarray(end);
    }
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
