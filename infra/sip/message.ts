/** SIP messages (RFC 3261 section 7) as data, and how their headers are found. Bytes beyond ASCII stand as Latin-1, one character each. */

/** `name` is the long form in lower case. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

export interface SipRequest {
  readonly kind: 'request';
  /** As it was written: methods are case-sensitive. */
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

export type SipMessage = SipRequest | SipResponse;

export const NO_BODY = new Uint8Array();

/** Short names (RFC 3261 section 7.3.3, RFC 4028, RFC 3515, RFC 3892, RFC 6665). */
const LONG_NAMES: Readonly<Record<string, string>> = {
  ...{ v: 'via', f: 'from', t: 'to', i: 'call-id', m: 'contact', c: 'content-type', l: 'content-length' },
  ...{ e: 'content-encoding', k: 'supported', s: 'subject', x: 'session-expires', r: 'refer-to', b: 'referred-by' },
  ...{ o: 'event', u: 'allow-events' },
};

/** The one name of a header, however it was written. */
export function longName(written: string): string {
  const name = written.toLowerCase();
  return Object.hasOwn(LONG_NAMES, name) ? (LONG_NAMES[name] ?? name) : name;
}

/** The first header of a name; undefined: there is none. */
export function headerOf({ headers }: Pick<SipMessage, 'headers'>, name: string): string | undefined {
  return headers.find((header) => header.name === name)?.value;
}

export function headersOf({ headers }: Pick<SipMessage, 'headers'>, name: string): string[] {
  return headers.filter((header) => header.name === name).map(({ value }) => value);
}

/** Whether one of a list of tokens, in one or several headers, is this one, in any case. */
export function listsToken(message: Pick<SipMessage, 'headers'>, name: string, token: string): boolean {
  return tokensOf(message, name).some((one) => one.toLowerCase() === token);
}

export function tokensOf(message: Pick<SipMessage, 'headers'>, name: string): string[] {
  return headersOf(message, name)
    .flatMap((value) => value.split(','))
    .map((token) => token.trim())
    .filter((token) => token !== '');
}
