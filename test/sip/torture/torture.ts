/** How the messages of RFC 4475 are written here, and what each is to be answered with. */

/** `parses`: it is well formed; `silence`: it is answered by nothing. */
export type Expected = { readonly parses: true; readonly status?: number } | { readonly status: number } | 'silence';

export interface Torture {
  /** As the RFC calls it. */
  readonly name: string;
  readonly section: string;
  readonly text: string;
  readonly expected: Expected;
}

export const BODY = [
  'v=0',
  'o=x 1 1 IN IP4 192.0.2.2',
  's=-',
  'c=IN IP4 192.0.2.2',
  't=0 0',
  'm=audio 49217 RTP/AVP 0',
  '',
].join('\r\n');

/** Lines with the ends that SIP wants. @param body undefined: the last line says what stands behind the head */
export function message(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The usual headers of a request, each of which `changes` replaces by its own lines. */
export function usual(
  name: string,
  start: string,
  changes: Partial<
    Record<'via' | 'from' | 'to' | 'callId' | 'cseq' | 'forwards' | 'contact' | 'length', string[]>
  > = {},
  more: readonly string[] = [],
  body = '',
): string {
  const method = start.split(' ')[0] ?? '';
  const lines = {
    via: [`Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKkdjuw.${name}`],
    forwards: ['Max-Forwards: 70'],
    from: ['From: <sip:caller@example.net>;tag=323'],
    to: ['To: <sip:user@example.com>'],
    callId: [`Call-ID: ${name}.0ha0isndaksdj`],
    cseq: [`CSeq: 8 ${method}`],
    contact: ['Contact: <sip:caller@192.0.2.2>'],
    length: [`l: ${body.length}`],
    ...changes,
  };
  const typed = body === '' ? [] : ['Content-Type: application/sdp'];
  return message([start, ...Object.values(lines).flat(), ...more, ...typed], body);
}
