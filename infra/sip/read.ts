/**
 * Bytes to SIP messages (RFC 3261 sections 7 and 25), tolerant of what RFC 4475 calls well-formed and strict with the rest. A request that
 * is malformed is told apart from noise: it is answered.
 */
import { parseNameAddress, parseSequence, parseVia } from './fields.ts';
import { splitOutside, TOKEN, wholeNumber } from './grammar.ts';
import { type Header, headerOf, headersOf, longName, type SipMessage, type SipRequest } from './message.ts';

/** The largest UDP payload; over TCP a body may have as much as well. */
export const MAX_SIP_BYTES = 65_535;
/** Phones send thirty. */
const MAX_HEADERS = 256;
const MAX_LINE = 16_384;
const MAX_FORWARDS = 255;
const VERSION = 'SIP/2.0';

export type ReadMessage =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** A request that is to be refused: its headers as far as they could be read. */
  | { readonly kind: 'bad'; readonly request: SipRequest; readonly status: 400 | 505; readonly reason: string }
  | { readonly kind: 'noise'; readonly why: string };

/** Where the head ends; undefined: it does not. */
export function headEnd(bytes: Uint8Array, from: number): { readonly head: number; readonly body: number } | undefined {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== LF) continue;
    if (bytes[at + 1] === LF) return { head: at, body: at + 2 };
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return { head: at, body: at + 3 };
  }
  return undefined;
}

/** @param bytes one datagram, or what a stream's framing has cut out */
export function readMessage(bytes: Uint8Array): ReadMessage {
  if (bytes.length > MAX_SIP_BYTES + MAX_SIP_BYTES) return noise('too long');
  const from = bytes.findIndex((byte) => byte !== CR && byte !== LF);
  const ends = from < 0 ? undefined : headEnd(bytes, from);
  if (ends === undefined) return noise('no whole head');
  const [startLine = '', ...lines] = unfolded(Buffer.from(bytes.subarray(from, ends.head)).toString('latin1'));
  const start = readStart(startLine);
  if (start === undefined) return noise('no start line of SIP');
  const { headers, fault } = readHeaders(lines);
  const declared = headersOf({ headers }, 'content-length');
  const length = declared[0] === undefined ? null : wholeNumber(declared[0], MAX_SIP_BYTES);
  const rest = bytes.subarray(ends.body);
  const body = typeof length === 'number' ? rest.subarray(0, length) : rest;
  if (start.kind === 'response') {
    const message = { ...start, headers, body };
    const why = fault ?? lengthFault(declared, length, rest.length) ?? faultIn(headers, null);
    return why === undefined ? { kind: 'message', message } : noise(why);
  }
  const { version, fault: startFault, ...line } = start;
  const request: SipRequest = { ...line, headers, body };
  if (version !== VERSION) return { kind: 'bad', request, status: 505, reason: 'Version Not Supported' };
  const why = startFault ?? fault ?? lengthFault(declared, length, rest.length) ?? faultIn(headers, request.method);
  if (why === undefined) return { kind: 'message', message: request };
  return { kind: 'bad', request, status: 400, reason: `Bad Request: ${why}` };
}

const CR = 13;
const LF = 10;

function noise(why: string): ReadMessage {
  return { kind: 'noise', why };
}

/** Lines, each with those that continue it (section 7.3.1). */
function unfolded(head: string): string[] {
  const lines: string[] = [];
  for (const line of head.split('\n')) {
    const text = line.replace(/\r$/, '');
    const before = lines.length - 1;
    if (/^[ \t]/.test(text) && before > 0) lines[before] = `${lines[before]} ${text.trim()}`;
    else lines.push(text);
  }
  return lines;
}

type Start =
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }
  | { kind: 'request'; method: string; uri: string; version: string; fault?: string };

/** Undefined: it is neither; also a status that nobody has. */
function readStart(line: string): Start | undefined {
  const [, status, reason] = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/.exec(line) ?? [];
  if (status !== undefined) return { kind: 'response', status: Number(status), reason: reason ?? '' };
  const text = line.trimEnd();
  const method = text.slice(0, text.search(/[ \t]/));
  const last = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\t'));
  const version = text.slice(last + 1);
  if (!TOKEN.test(method) || !/^SIP\/\d+\.\d+$/i.test(version)) return undefined;
  const uri = text.slice(method.length, last).trim();
  const start = { kind: 'request' as const, method, uri, version: version.toUpperCase() };
  const isExact = line === `${method} ${start.uri} ${version}` && start.uri !== '' && !/[\s<>"]/.test(start.uri);
  return isExact ? start : { ...start, fault: 'its request line' };
}

/** Headers that may stand once with several values, which are taken apart. */
const LISTS = new Set(['via', 'contact', 'route', 'record-route']);

function readHeaders(lines: readonly string[]): { readonly headers: readonly Header[]; readonly fault?: string } {
  const headers: Header[] = [];
  for (const line of lines) {
    if (line.length > MAX_LINE || headers.length >= MAX_HEADERS) return { headers, fault: 'too long' };
    const colon = line.indexOf(':');
    const written = line.slice(0, Math.max(0, colon)).trimEnd();
    const value = line.slice(colon + 1).trim();
    if (!TOKEN.test(written)) return { headers, fault: 'a line that is no header' };
    const name = longName(written);
    const values = LISTS.has(name) ? splitOutside(value, ',') : [value];
    if (values === undefined) return { headers: [...headers, { name, value }], fault: `its ${written}` };
    for (const one of values) headers.push({ name, value: one });
  }
  return { headers };
}

function lengthFault(declared: readonly string[], length: number | null | undefined, rest: number): string | undefined {
  if (declared.length > 1 || length === undefined || (length ?? 0) > rest) return 'its Content-Length';
  return undefined;
}

const ONCE = ['from', 'to', 'call-id', 'cseq'] as const;

/** What is wrong with the headers that every message has. @param method null: of a response */
function faultIn(headers: readonly Header[], method: string | null): string | undefined {
  const message = { headers };
  for (const name of ONCE) if (headersOf(message, name).length !== 1) return `its ${name}`;
  const sequence = parseSequence(headerOf(message, 'cseq') ?? '');
  if (sequence === undefined || (method !== null && sequence.method !== method)) return 'its CSeq';
  if (!/^\S+$/.test(headerOf(message, 'call-id') ?? '')) return 'its Call-ID';
  for (const name of ['from', 'to']) {
    if (parseNameAddress(headerOf(message, name) ?? '') === undefined) return `its ${name}`;
  }
  const vias = headersOf(message, 'via');
  if (vias.length === 0 || vias.some((via) => parseVia(via) === undefined)) return 'its Via';
  for (const name of ['contact', 'route', 'record-route']) {
    const values = headersOf(message, name).filter((value) => !(name === 'contact' && value === '*'));
    if (values.some((value) => parseNameAddress(value) === undefined)) return `its ${name}`;
  }
  const forwards = headersOf(message, 'max-forwards');
  if (forwards.length > 1 || forwards.some((value) => wholeNumber(value, MAX_FORWARDS) === undefined)) {
    return 'its Max-Forwards';
  }
  return undefined;
}
