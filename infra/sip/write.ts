/** SIP messages to bytes (RFC 3261 section 7). */
import {
  type Header,
  headerOf,
  headersOf,
  NO_BODY,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from './message.ts';

const EXCEPTIONS: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'www-authenticate': 'WWW-Authenticate',
  'min-se': 'Min-SE',
};

export function writeMessage(message: SipMessage): Uint8Array {
  const start =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  const lines = message.headers
    .filter(({ name }) => name !== 'content-length')
    .map(({ name, value }) => `${writtenName(name)}: ${value.replaceAll(/[\r\n]+/g, ' ')}`);
  const head = [start, ...lines, `Content-Length: ${message.body.length}`, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), message.body]);
}

/** What a response repeats of its request (section 8.2.6.2). */
const REPEATED = ['via', 'from', 'to', 'call-id', 'cseq'];

export interface ResponseParts {
  /** Of To, where the request has none; null: adds none, as of 100. */
  readonly tag: string | null;
  readonly headers?: readonly Header[];
  readonly body?: Uint8Array;
  readonly reason?: string;
}

export function responseTo(request: SipRequest, status: number, parts: ResponseParts): SipResponse {
  const { tag, headers = [], body = NO_BODY, reason = REASONS[status] ?? 'Refused' } = parts;
  const repeated = REPEATED.flatMap((name) => {
    const values = name === 'via' ? headersOf(request, name) : headersOf(request, name).slice(0, 1);
    return values.map((value) => ({ name, value: name === 'to' ? withTag(value, tag) : value }));
  });
  return { kind: 'response', status, reason, headers: [...repeated, ...headers], body };
}

/** An ACK for a response that is no success, or a CANCEL: it goes the way of its request, under the same branch (sections 9.1, 17.1.1.3). */
export function alongside(request: SipRequest, method: 'ACK' | 'CANCEL', to: string): SipRequest {
  const [number = '0'] = (headerOf(request, 'cseq') ?? '').split(' ');
  return {
    kind: 'request',
    method,
    uri: request.uri,
    headers: [
      { name: 'via', value: headerOf(request, 'via') ?? '' },
      { name: 'max-forwards', value: '70' },
      { name: 'from', value: headerOf(request, 'from') ?? '' },
      { name: 'to', value: to },
      { name: 'call-id', value: headerOf(request, 'call-id') ?? '' },
      { name: 'cseq', value: `${number} ${method}` },
      ...headersOf(request, 'route').map((value) => ({ name: 'route', value })),
    ],
    body: NO_BODY,
  };
}

function withTag(to: string, tag: string | null): string {
  return tag === null || /;\s*tag\s*=/i.test(to) ? to : `${to};tag=${tag}`;
}

function writtenName(name: string): string {
  return EXCEPTIONS[name] ?? name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** RFC 3261 section 21, and those of the extensions that are spoken here. */
const REASONS: Readonly<Record<number, string>> = {
  ...{ 100: 'Trying', 180: 'Ringing', 200: 'OK', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden' },
  ...{ 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable', 408: 'Request Timeout' },
  ...{ 415: 'Unsupported Media Type', 416: 'Unsupported URI Scheme', 420: 'Bad Extension' },
  ...{ 422: 'Session Interval Too Small', 481: 'Call/Transaction Does Not Exist', 482: 'Loop Detected' },
  ...{ 486: 'Busy Here', 487: 'Request Terminated', 488: 'Not Acceptable Here', 491: 'Request Pending' },
  ...{ 480: 'Temporarily Unavailable', 500: 'Server Internal Error', 501: 'Not Implemented' },
  ...{ 503: 'Service Unavailable', 505: 'Version Not Supported', 513: 'Message Too Large' },
};
