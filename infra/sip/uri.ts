/** SIP URIs (RFC 3261 section 19.1). */
import { type Parameters, parametersIn } from './grammar.ts';

export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** Without its escapes and its password; empty: none. */
  readonly user: string;
  /** A name or a literal; IPv6 without brackets. */
  readonly host: string;
  /** Null: the transport's usual one. */
  readonly port: number | null;
  readonly parameters: Parameters;
  /** Whether it names headers, which no Request-URI may. */
  readonly hasHeaders: boolean;
}

/** RFC 3261 section 19.1.2. */
export const DEFAULT_SIP_PORT = 5060;
const MAX_PORT = 65_535;
const MAX_URI = 4096;

const SIP_URI =
  /^(?<scheme>sips?):(?:(?<user>[^@\s<>"]+)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?<port>\d{1,5}))?(?<parameters>(?:;[^?]*)?)(?<headers>\?.*)?$/i;

/** The scheme in lower case; undefined: it is no URI at all. */
export function schemeOf(text: string): string | undefined {
  return /^([A-Za-z][A-Za-z0-9+.-]*):[^\s<>"]+$/.exec(text)?.[1]?.toLowerCase();
}

/** Undefined: it is no SIP URI. */
export function parseSipUri(text: string): SipUri | undefined {
  if (text.length > MAX_URI || /[\s<>"]/.test(text)) return undefined;
  const { scheme, user = '', host, port, parameters: told = '', headers } = SIP_URI.exec(text)?.groups ?? {};
  if (scheme === undefined || host === undefined) return undefined;
  const parameters = told === '' ? new Map<string, string>() : parametersIn(told.slice(1).split(';'));
  const plainUser = unescaped(user.split(':', 1)[0] ?? '');
  if (parameters === undefined || plainUser === undefined) return undefined;
  if (port !== undefined && (Number(port) > MAX_PORT || Number(port) === 0)) return undefined;
  return {
    scheme: scheme.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user: plainUser,
    host: host.replace(/^\[(.*)\]$/, '$1').toLowerCase(),
    port: port === undefined ? null : Number(port),
    parameters,
    hasHeaders: headers !== undefined,
  };
}

/** A host as it stands in URIs, Via and the like. */
export function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `sip:user@host:port`, for ids of ours and literals. */
export function sipUriText(user: string, host: string, port: number, transport: 'udp' | 'tcp'): string {
  return `sip:${user}@${hostText(host)}:${port}${transport === 'tcp' ? ';transport=tcp' : ''}`;
}

/** Undefined: an escape is none. */
function unescaped(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
