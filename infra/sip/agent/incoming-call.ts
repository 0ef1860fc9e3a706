/** A call that somebody has dialled to us. */
import { headerOf, type SipRequest } from '../message.ts';
import type { ServerTransaction } from '../transactions/server.ts';
import { Call, textOf } from './call.ts';
import type { CallAgent, CallListener } from './contract.ts';
import { Dialog } from './dialog.ts';

export class IncomingCall extends Call {
  readonly invite: SipRequest;
  readonly #transaction: ServerTransaction;

  private constructor(agent: CallAgent, transaction: ServerTransaction, listener: CallListener) {
    super(agent, Dialog.answering(agent, transaction.request, transaction.flow), listener, false);
    this.invite = transaction.request;
    this.#transaction = transaction;
    transaction.onCancelled = (nowMs) => {
      this.respond(transaction, 487, nowMs);
      this.end('cancelled', nowMs);
    };
  }

  /** @param listenerOf says who is told of the call */
  static begin(
    agent: CallAgent,
    transaction: ServerTransaction,
    listenerOf: (call: IncomingCall) => CallListener,
  ): IncomingCall {
    const listener: { real?: CallListener } = {};
    const call = new IncomingCall(agent, transaction, lateListener(listener));
    listener.real = listenerOf(call);
    return call;
  }

  /** What the caller offers; null: nothing, it waits for our offer. */
  get offer(): string | null {
    return this.invite.body.length === 0 ? null : textOf(this.invite);
  }

  ring(nowMs: number): void {
    this.respond(this.#transaction, 180, nowMs, [this.dialog.contact()]);
  }

  /** @param description the answer, or our offer where there was none */
  accept(description: string, nowMs: number): void {
    if (this.isOver || this.#transaction.isAnswered) return;
    this.acceptInvite(this.#transaction, description, nowMs);
    this.listener.onConnected(headerOf(this.invite, 'user-agent') ?? '', nowMs);
  }

  reject(status: number, nowMs: number): void {
    if (this.isOver) return;
    this.respond(this.#transaction, status, nowMs);
    this.end(`refused: ${status}`, nowMs);
  }

  override hangUp(reason: string, nowMs: number): void {
    if (this.#transaction.isAnswered) super.hangUp(reason, nowMs);
    else this.reject(480, nowMs);
  }
}

/** A listener is made of its call, and the call has to have one. */
function lateListener(known: { real?: CallListener }): CallListener {
  return {
    onOffer: (offer, nowMs) => known.real?.onOffer(offer, nowMs) ?? null,
    onAnswer: (answer, nowMs) => known.real?.onAnswer(answer, nowMs) ?? false,
    makeOffer: () => known.real?.makeOffer() ?? '',
    onKeyFrameWanted: (nowMs) => known.real?.onKeyFrameWanted(nowMs),
    onConnected: (product, nowMs) => known.real?.onConnected(product, nowMs),
    onEnded: (reason, nowMs) => known.real?.onEnded(reason, nowMs),
  };
}
