/** What the parts of a user agent need of each other. */
import type { Credentials } from '../digest.ts';
import type { Flow } from '../flow.ts';
import type { SipRequest } from '../message.ts';
import type { TimerQueue } from '../timers.ts';
import type { ClientTransaction, OnResponse } from '../transactions/client.ts';

/** Where we are reached: literals. */
export interface OwnAddress {
  readonly host: string;
  readonly port: number;
}

/** What a call needs of the user agent that it is part of. */
export interface CallAgent {
  /** The user part of our own URIs. */
  readonly user: string;
  /** For User-Agent and Server. */
  readonly product: string;
  readonly address: OwnAddress;
  readonly timers: TimerQueue;
  readonly credentials: Credentials | null;
  /** Whether it is our own server or proxy that speaks from there: it may ask for the password. */
  readonly trusts: (flow: Flow) => boolean;
  /** What a registrar knows us as, `sip:user@host`; null: none does. */
  readonly knownAs: string | null;
  /** A text that nobody can guess, of letters and digits. */
  fresh(): string;
  request(request: SipRequest, flow: Flow, nowMs: number, onResponse: OnResponse): ClientTransaction;
  /** Sends an ACK, which no transaction repeats. */
  sendAck(request: SipRequest, flow: Flow): void;
  /** A call is over, by the key of its dialog. */
  ended(key: string): void;
}

/** Whoever has a call, told of what the other end does. */
export interface CallListener {
  /** Another offer. @returns the answer; null: nothing of it can be taken, and all stays as it was */
  onOffer(offer: string, nowMs: number): string | null;
  /** The answer to what {@link makeOffer} said. @returns false: nothing of it can be taken, and the call ends */
  onAnswer(answer: string, nowMs: number): boolean;
  /** What we can send and receive, for who sends an INVITE without an offer, and to dial. */
  makeOffer(): string;
  /** The other end cannot decode its picture (RFC 5168). */
  onKeyFrameWanted(nowMs: number): void;
  /** The other end is there, with what it says of its program. */
  onConnected(product: string, nowMs: number): void;
  onEnded(reason: string, nowMs: number): void;
}

export const ALLOWED = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE';
