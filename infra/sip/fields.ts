/** The header values that a user agent reads (RFC 3261 section 20). Each reader returns undefined for what is malformed. */
import { type Parameters, parametersIn, splitOutside, TOKEN, unquote, wholeNumber } from './grammar.ts';
import { schemeOf } from './uri.ts';

/** From, To, Contact, Route and Record-Route. */
export interface NameAddress {
  readonly display: string;
  readonly uri: string;
  readonly parameters: Parameters;
}

export interface Via {
  /** In upper case. */
  readonly transport: string;
  readonly host: string;
  readonly port: number | null;
  readonly parameters: Parameters;
}

export interface Sequence {
  readonly number: number;
  readonly method: string;
}

/** RFC 3261 section 8.1.1.5. */
const MAX_SEQUENCE = 2 ** 31 - 1;
const MAX_PORT = 65_535;
const DISPLAY = /^[A-Za-z0-9\-.!%*_+`'~\s]*$/;
const VIA =
  /^SIP\s*\/\s*2\.0\s*\/\s*(?<transport>[A-Za-z0-9\-.!%*_+`'~]+)\s+(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)\s*(?::\s*(?<port>\d{1,5}))?$/i;

export function parseNameAddress(text: string): NameAddress | undefined {
  const [head = '', ...rest] = splitOutside(text, ';') ?? [];
  const bracketed = /^(?<display>[^<]*)<(?<uri>[^<>]*)>$/.exec(head)?.groups;
  const parameters = parametersIn(rest);
  if (parameters === undefined) return undefined;
  const uri = bracketed?.uri ?? head;
  const display = displayOf((bracketed?.display ?? '').trim());
  // Without brackets a question mark would be the header's and not the URI's (section 20).
  const isLoose = bracketed === undefined && /[?,]/.test(uri);
  if (display === undefined || isLoose || schemeOf(uri) === undefined) return undefined;
  return { display, uri, parameters };
}

export function parseVia(text: string): Via | undefined {
  const [head = '', ...rest] = splitOutside(text, ';') ?? [];
  const { transport, host, port } = VIA.exec(head)?.groups ?? {};
  const parameters = parametersIn(rest);
  if (transport === undefined || host === undefined || parameters === undefined) return undefined;
  const number = port === undefined ? null : wholeNumber(port, MAX_PORT);
  if (number === undefined) return undefined;
  const literal = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return { transport: transport.toUpperCase(), host: literal, port: number, parameters };
}

export function parseSequence(text: string): Sequence | undefined {
  const [, digits, method] = /^(\d{1,20})\s+(\S+)$/.exec(text) ?? [];
  const number = digits === undefined ? undefined : wholeNumber(digits, MAX_SEQUENCE);
  if (number === undefined || method === undefined || !TOKEN.test(method)) return undefined;
  return { number, method };
}

/** The program that speaks, of a User-Agent or Server header: its name and its version; undefined: it names none. */
export function parseProduct(text: string): { readonly name: string; readonly version: string } | undefined {
  const [, product, rest = ''] = /^\s*([^\s/();]{1,64})(?:\s*\/\s*|\s+v?)?(.*)$/.exec(text) ?? [];
  if (product === undefined) return undefined;
  const version = /^v?([0-9][^\s();]{0,31})/.exec(rest.trim())?.[1];
  return { name: product, version: version ?? '' };
}

function displayOf(text: string): string | undefined {
  if (text.startsWith('"')) return unquote(text);
  return DISPLAY.test(text) ? text : undefined;
}
