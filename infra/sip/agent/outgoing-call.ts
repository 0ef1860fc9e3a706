/** A call that we dial. */
import type { Flow } from '../flow.ts';
import { headerOf, type SipRequest, type SipResponse } from '../message.ts';
import type { ClientTransaction } from '../transactions/client.ts';
import { alongside, writeMessage } from '../write.ts';
import { authorizationOf, Call, textOf } from './call.ts';
import { ALLOWED, type CallAgent, type CallListener } from './contract.ts';
import { Dialog, sequenceOf, tagIn } from './dialog.ts';
import { MOST_TRIES } from './proving.ts';

/** A request that is longer than this, in bytes, goes over a connection where nobody knows the path (RFC 3261 section 18.1.1). */
const MOST_DATAGRAM_BYTES = 1300;

export class OutgoingCall extends Call {
  readonly #uri: string;
  #transaction: ClientTransaction | null = null;
  #tries = 0;
  #isCancelled = false;
  /** Whoever is called takes no connection. */
  #isDatagramOnly = false;
  /** It is called over a connection, for the INVITE is that long; and it has said something since then. */
  #hasSwitched = false;
  #isHeard = false;

  constructor(agent: CallAgent, uri: string, flow: Flow, listener: CallListener) {
    super(agent, Dialog.calling(agent, uri, flow), listener, true);
    this.#uri = uri;
  }

  dial(nowMs: number): void {
    let invite = this.#invite();
    const { flow } = this.dialog;
    if (flow.transport === 'udp' && !this.#isDatagramOnly && writeMessage(invite).length > MOST_DATAGRAM_BYTES) {
      this.dialog.flow = { ...flow, transport: 'tcp' };
      this.#hasSwitched = true;
      this.#isHeard = false;
      invite = this.#invite();
    }
    this.#transaction = this.agent.request(invite, this.dialog.flow, nowMs, (response, atMs) =>
      this.#answered(invite, response, atMs),
    );
  }

  #invite(): SipRequest {
    const headers = [
      ...[this.dialog.contact(), { name: 'allow', value: ALLOWED }, { name: 'supported', value: 'timer' }],
      { name: 'content-type', value: 'application/sdp' },
    ];
    const invite = this.dialog.request('INVITE', headers, Buffer.from(this.listener.makeOffer(), 'latin1'));
    return { ...invite, headers: [...invite.headers, ...this.proving.headers(invite, this.dialog.flow)] };
  }

  override hangUp(reason: string, nowMs: number): void {
    if (this.dialog.isEstablished) super.hangUp(reason, nowMs);
    else if (!this.#isCancelled) {
      this.#isCancelled = true;
      this.#cancel(nowMs);
      this.end(reason, nowMs);
    }
  }

  #answered(invite: SipRequest, response: SipResponse | null, nowMs: number): void {
    if (response !== null) this.proved.add(this.dialog.flow.host);
    this.#isHeard ||= response !== null;
    if (response === null && this.#isRefused()) this.#dialByDatagram(nowMs);
    else if (response === null) this.end('no answer', nowMs);
    else if (response.status < 200) {
      // Only now may it be called off (section 9.1).
      if (this.#isCancelled) this.#cancel(nowMs);
    } else if (response.status < 300) this.#connected(invite, response, nowMs);
    else if (!this.#isCancelled && !this.#authorize(invite, response, nowMs)) {
      this.end(`${response.status} ${response.reason}`, nowMs);
    }
  }

  /** Whether nobody has taken the connection, of which the one who is called has said nothing. */
  #isRefused(): boolean {
    return this.#hasSwitched && !this.#isHeard && !this.#isCancelled;
  }

  #dialByDatagram(nowMs: number): void {
    this.#isDatagramOnly = true;
    this.#hasSwitched = false;
    this.dialog.flow = { ...this.dialog.flow, transport: 'udp' };
    this.dial(nowMs);
  }

  #connected(invite: SipRequest, response: SipResponse, nowMs: number): void {
    const isFirst = !this.dialog.isEstablished && !this.#isCancelled;
    const dialog = isFirst ? this.dialog : Dialog.calling(this.agent, this.#uri, this.dialog.flow);
    if (isFirst) this.dialog.establish(response);
    // Another phone that the call has reached, too, or one that was faster than our CANCEL: it is thanked and let go.
    const ack = isFirst ? dialog.ack(sequenceOf(invite), authorizationOf(invite)) : strayAck(invite, response, dialog);
    this.#transaction?.acknowledge(tagIn(response, 'to'), () => this.agent.sendAck(ack, this.dialog.flow));
    if (!isFirst) {
      this.agent.request(strayBye(ack, sequenceOf(invite) + 1), this.dialog.flow, nowMs, () => undefined);
      return;
    }
    this.settle(response, nowMs);
    if (!this.listener.onAnswer(textOf(response), nowMs)) this.hangUp('no common codec', nowMs);
    else this.listener.onConnected(headerOf(response, 'server') ?? headerOf(response, 'user-agent') ?? '', nowMs);
  }

  #cancel(nowMs: number): void {
    const transaction = this.#transaction;
    if (transaction === null || !transaction.isProceeding) return;
    const { request } = transaction;
    const cancel = alongside(request, 'CANCEL', headerOf(request, 'to') ?? '');
    this.agent.request(cancel, this.dialog.flow, nowMs, () => undefined);
  }

  /** Tries again with the password, where that is asked for. */
  #authorize(invite: SipRequest, response: SipResponse, nowMs: number): boolean {
    this.#tries++;
    if (this.#tries >= MOST_TRIES || !this.proving.isAsked(invite, response, this.dialog.flow)) return false;
    this.dial(nowMs);
    return true;
  }
}

/** The ACK to somebody with whom there is no dialog of ours. */
function strayAck(invite: SipRequest, response: SipResponse, dialog: Dialog): SipRequest {
  dialog.establish(response);
  return withSession(dialog.ack(sequenceOf(invite), []), invite);
}

/** The same session, ended. */
function strayBye(ack: SipRequest, number: number): SipRequest {
  const headers = ack.headers.map(({ name, value }) => {
    if (name === 'cseq') return { name, value: `${number} BYE` };
    return { name, value: name === 'via' ? value.replace('z9hG4bK', 'z9hG4bKb') : value };
  });
  return { ...ack, method: 'BYE', headers };
}

function withSession(request: SipRequest, invite: SipRequest): SipRequest {
  const headers = request.headers.map(({ name, value }) => ({
    name,
    value: name === 'call-id' || name === 'from' ? (headerOf(invite, name) ?? value) : value,
  }));
  return { ...request, headers };
}
