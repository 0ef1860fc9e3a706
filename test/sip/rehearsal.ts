/** A user agent on a virtual clock, and whoever speaks to it. */
import type { CallListener } from '../../infra/sip/agent/contract.ts';
import type { IncomingCall } from '../../infra/sip/agent/incoming-call.ts';
import { UserAgent, type UserAgentOptions } from '../../infra/sip/agent/user-agent.ts';
import { type Credentials, DigestAnswers } from '../../infra/sip/digest.ts';
import type { Flow } from '../../infra/sip/flow.ts';
import { headerOf, type SipMessage, type SipRequest, type SipResponse } from '../../infra/sip/message.ts';
import { readMessage } from '../../infra/sip/read.ts';
import { MediaSession, type OwnMedia } from '../../infra/sip/sdp/session.ts';

export const PHONE: Flow = { transport: 'udp', host: '192.0.2.7', port: 5060 };
export const SDP_OFFER = sdp(['m=audio 4000 RTP/AVP 0', 'm=video 4002 RTP/AVP 96', 'a=rtpmap:96 VP8/90000']);

export function sdp(sections: readonly string[], host = '192.0.2.7'): string {
  return ['v=0', `o=- 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0', ...sections, ''].join('\r\n');
}

/** A request as a phone writes it; `headers` replace or add lines. */
export function requestText(
  method: string,
  {
    uri = 'sip:room@192.0.2.1',
    cseq = 1,
    branch = 'z9hG4bKone',
    to = '<sip:room@192.0.2.1>',
    headers = [] as string[],
    body = '',
  } = {},
): string {
  const lines = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.7:5060;branch=${branch};rport`,
    'Max-Forwards: 70',
    'From: <sip:phone@192.0.2.7>;tag=theirs',
    `To: ${to}`,
    'Call-ID: one@192.0.2.7',
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:phone@192.0.2.7:5060>',
    'User-Agent: baresip v1.0.0 (x86_64/linux)',
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ];
  return lines.join('\r\n');
}

export class Rehearsal {
  readonly agent: UserAgent;
  readonly sent: SipMessage[] = [];
  readonly calls: IncomingCall[] = [];
  readonly events: string[] = [];
  nowMs = 0;
  #count = 0;

  constructor(options: Partial<UserAgentOptions> = {}) {
    this.agent = new UserAgent({
      ...{
        user: 'D',
        product: 'rpr/1.0.0',
        address: { host: '192.0.2.1', port: 5060 },
        credentials: null,
        guard: null,
      },
      send: (_, bytes) => {
        const read = readMessage(bytes);
        // What repeats a malformed request is no better than that.
        this.sent.push(read.kind === 'message' ? read.message : { ...NOTHING, status: statusIn(bytes) });
      },
      fresh: () => `fresh${++this.#count}`,
      onCall: (call) => {
        this.calls.push(call);
        return this.listener();
      },
      ...options,
    });
  }

  /** Of a call: takes what a phone usually offers, and notes what it is told. */
  listener(): CallListener {
    const session = new MediaSession(1, '192.0.2.1', OWN_MEDIA);
    return {
      onOffer: (offer) => session.answer(offer),
      onAnswer: (answer) => session.take(answer),
      makeOffer: () => session.offer(),
      onKeyFrameWanted: () => void this.events.push('key frame'),
      onConnected: (product) => void this.events.push(`connected ${product}`),
      onEnded: (reason) => void this.events.push(`ended ${reason}`),
    };
  }

  receive(text: string, flow: Flow = PHONE): SipMessage[] {
    const before = this.sent.length;
    this.agent.receive(Buffer.from(text, 'latin1'), flow, this.nowMs);
    return this.sent.slice(before);
  }

  /** Lets time pass, deadline by deadline. @returns what was sent meanwhile */
  pass(ms: number): SipMessage[] {
    const before = this.sent.length;
    const end = this.nowMs + ms;
    for (let next = this.agent.wakeAtMs; next !== null && next <= end; next = this.agent.wakeAtMs) {
      this.nowMs = next;
      this.agent.wake(next);
    }
    this.nowMs = end;
    return this.sent.slice(before);
  }

  /** A call that has come in, and is answered and acknowledged. @returns the To of the answer */
  connect(): string {
    this.receive(requestText('INVITE', { body: SDP_OFFER }));
    const [call] = this.calls;
    call?.accept(this.listener().onOffer(SDP_OFFER, 0) ?? '', this.nowMs);
    const to = headerOf(this.sent.at(-1) ?? NOTHING, 'to') ?? '';
    this.receive(requestText('ACK', { to, branch: 'z9hG4bKack' }));
    return to;
  }
}

/** What somebody who knows the password answers first. */
export function answerDigest(
  challenges: readonly string[],
  credentials: Credentials,
  request: { readonly method: string; readonly uri: string },
  clientNonce: string,
): string | undefined {
  const answers = new DigestAnswers(credentials);
  answers.take(challenges, null);
  return answers.next(request, clientNonce);
}

export function statuses(messages: readonly SipMessage[]): number[] {
  return messages.flatMap((message) => (message.kind === 'response' ? [message.status] : []));
}

export function methods(messages: readonly SipMessage[]): string[] {
  return messages.flatMap((message) => (message.kind === 'request' ? [message.method] : []));
}

/** What a phone answers to a request of ours. */
export function answerText(
  request: SipRequest,
  status: number,
  { tag = 'theirs', body = '', headers = [] as string[] } = {},
): string {
  const to = headerOf(request, 'to') ?? '';
  return [
    `SIP/2.0 ${status} Some Reason`,
    `Via: ${headerOf(request, 'via')}`,
    `From: ${headerOf(request, 'from')}`,
    `To: ${to.includes('tag=') ? to : `${to};tag=${tag}`}`,
    `Call-ID: ${headerOf(request, 'call-id')}`,
    `CSeq: ${headerOf(request, 'cseq')}`,
    'Contact: <sip:phone@192.0.2.7:5060>',
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

export const OWN_MEDIA: readonly OwnMedia[] = [
  {
    kind: 'audio',
    port: 6000,
    rtcpPort: 6001,
    formats: [{ payloadType: 0, codec: { name: 'PCMU', clockRate: 8000 }, fmtp: '' }],
  },
  {
    ...{ kind: 'video', port: 6002, rtcpPort: 6003 },
    formats: [
      { payloadType: 96, codec: { name: 'VP8', clockRate: 90_000 }, fmtp: '' },
      { payloadType: 97, codec: { name: 'H264', clockRate: 90_000 }, fmtp: 'packetization-mode=1' },
    ],
  },
];

function statusIn(bytes: Uint8Array): number {
  return Number(Buffer.from(bytes).toString('latin1').split(' ', 2)[1]);
}

const NOTHING: SipResponse = { kind: 'response', status: 0, reason: '', headers: [], body: new Uint8Array() };
