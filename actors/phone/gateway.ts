/** The peer that is a phone: takes one call at a time, and enters with it the room that was dialled. */
import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ownAddressTowards } from '../../infra/network/own-address.ts';
import { isUnspecified } from '../../infra/network/scope.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import type { Call as SipCall } from '../../infra/sip/agent/call.ts';
import type { CallListener } from '../../infra/sip/agent/contract.ts';
import type { IncomingCall } from '../../infra/sip/agent/incoming-call.ts';
import { DigestGuard } from '../../infra/sip/digest.ts';
import { SipEndpoint } from '../../infra/sip/endpoint.ts';
import type { Flow } from '../../infra/sip/flow.ts';
import { headerOf } from '../../infra/sip/message.ts';
import { DEFAULT_SIP_PORT, parseSipUri } from '../../infra/sip/uri.ts';
import type { Journal } from '../journal/journal.ts';
import type { PeerOptions, PhoneChoice } from '../options/contract.ts';
import { SOFTWARE, VERSION } from '../software.ts';
import { type DialledRoom, dialledRoom } from './dialled-room.ts';
import { PhoneError } from './errors.ts';
import { PhoneCall } from './phone-call.ts';
import { Registered } from './registered.ts';

/** A documentation address: asked for the way to the internet, it is sent nothing. */
const ELSEWHERE = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

/** How often it is news at most that somebody is refused, in ms: strangers may knock as often as they like. */
const REFUSED_NEWS_MS = 1000;

export interface GatewayOptions {
  readonly peer: PeerOptions & { readonly phone: PhoneChoice };
  readonly journal: Journal;
  /** Takes a sentence about the NATS server, where one has to be started. */
  readonly say: (text: string) => void;
  readonly now: () => number;
}

/** One call, from its first message on. */
interface Attempt {
  phone: PhoneCall | null;
  /** It was over before the phone was answered. */
  endedAs: string | null;
}

export class PhoneGateway {
  readonly #options: GatewayOptions;
  readonly #told: string;
  #endpoint: SipEndpoint | null = null;
  #registered: Registered | null = null;
  #refusedMs = Number.NEGATIVE_INFINITY;
  #current: { readonly attempt: Attempt; sip: SipCall | null } | null = null;

  private constructor(options: GatewayOptions, told: string) {
    this.#options = options;
    this.#told = told;
  }

  /** @throws {PhoneError} `phone.address`; with a registrar also `phone.unknown` and `phone.register` */
  static async open(options: GatewayOptions): Promise<PhoneGateway> {
    const { peer, journal, now } = options;
    const { listen, password, register } = peer.phone;
    const registrar = register === null ? null : { as: register, flow: await flowTo(register, '--register') };
    const user = parseSipUri(register ?? '')?.user ?? peer.id;
    const { host } = listen;
    const told =
      peer.advertise ?? (isUnspecified(host) ? await ownAddressTowards(ELSEWHERE[host === '::' ? 6 : 4]) : host);
    const gateway = new PhoneGateway(options, told);
    try {
      gateway.#endpoint = await SipEndpoint.open({
        ...{ ...listen, told, now, user: peer.id, product: `${SOFTWARE}/${VERSION}` },
        ...{ knownAs: register, credentials: password === null ? null : { user, password } },
        guard: password === null ? null : new DigestGuard(SOFTWARE, password, randomBytes(32)),
        // Who comes over the registrar has proved to it who they are.
        trusts: (flow) => flow.host === registrar?.flow.host,
        onCall: (call, nowMs) => gateway.#ring(call, nowMs),
      });
    } catch (cause) {
      const text = `--sip: ${endpointText(listen)} cannot be taken. Choose another port, or an address of this machine.`;
      throw new PhoneError('phone.address', text, { cause });
    }
    journal.note({ type: 'phone.listening', sip: endpointText({ host: told, port: gateway.port }) });
    if (registrar !== null) await gateway.#register({ ...registrar, user });
    return gateway;
  }

  get port(): number {
    return this.#endpoint?.port ?? 0;
  }

  /**
   * Calls a phone into the room.
   *
   * @throws {PhoneError} `phone.unknown`
   */
  async dial(uri: string): Promise<void> {
    const { peer, now } = this.#options;
    const flow = await flowTo(uri, '--dial');
    const attempt: Attempt = { phone: null, endedAs: null };
    const phone = await this.#open({ room: peer.room, pinned: null });
    attempt.phone = phone;
    const listener: CallListener = {
      ...phone.listener,
      onConnected: (product, nowMs) => {
        if (sip !== undefined) phone.follow(this.#lineOf(sip));
        phone.listener.onConnected(product, nowMs);
        phone.enter(product).catch((error: unknown) => this.#failed(error, sip));
      },
    };
    const sip = this.#endpoint?.agent.dial(uri, flow, listener, now());
    this.#current = { attempt, sip: sip ?? null };
    this.#endpoint?.settle();
    void phone.closed.then(() => this.#free(attempt));
  }

  /** Hangs up, leaves the room, and takes no more calls. */
  async close(): Promise<void> {
    const current = this.#current;
    current?.sip?.hangUp('we leave', this.#options.now());
    await current?.attempt.phone?.closed;
    await this.#registered?.close();
    await this.#endpoint?.close();
  }

  async #register(registrar: { readonly as: string; readonly flow: Flow; readonly user: string }): Promise<void> {
    const { peer, journal, now } = this.#options;
    const endpoint = this.#endpoint;
    if (endpoint === null) return;
    try {
      const { password } = peer.phone;
      this.#registered = await Registered.open({ ...registrar, endpoint, password, room: peer.room, journal, now });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #ring(call: IncomingCall, nowMs: number): CallListener {
    const { journal } = this.#options;
    const attempt: Attempt = { phone: null, endedAs: null };
    const dialled = dialledRoom(parseSipUri(call.invite.uri)?.user ?? '');
    const from = call.flow.host;
    if (dialled === undefined || this.#current !== null) {
      const status = dialled === undefined ? 404 : 486;
      if (nowMs - this.#refusedMs >= REFUSED_NEWS_MS) {
        this.#refusedMs = nowMs;
        journal.note({ type: 'phone.refused', from, status });
      }
      call.reject(status, nowMs);
    } else {
      const product = headerOf(call.invite, 'user-agent') ?? '';
      journal.note({
        type: 'phone.called',
        from,
        room: dialled.room,
        product: product.replaceAll(/[^\x20-\x7e]/g, ''),
      });
      this.#current = { attempt, sip: call };
      call.ring(nowMs);
      this.#answer(call, dialled, attempt, product).catch((error: unknown) => {
        this.#failed(error, call);
        this.#free(attempt);
      });
    }
    return {
      onOffer: (offer, atMs) => attempt.phone?.listener.onOffer(offer, atMs) ?? null,
      onAnswer: (answer, atMs) => attempt.phone?.listener.onAnswer(answer, atMs) ?? false,
      makeOffer: () => attempt.phone?.listener.makeOffer() ?? '',
      onKeyFrameWanted: (atMs) => attempt.phone?.listener.onKeyFrameWanted(atMs),
      onConnected: (told, atMs) => attempt.phone?.listener.onConnected(told, atMs),
      onEnded: (reason) => {
        attempt.endedAs = reason;
        void attempt.phone?.end(reason);
      },
    };
  }

  async #answer(call: IncomingCall, dialled: DialledRoom, attempt: Attempt, product: string): Promise<void> {
    const phone = await this.#open(dialled);
    attempt.phone = phone;
    void phone.closed.then(() => this.#free(attempt));
    if (attempt.endedAs !== null) return phone.end(attempt.endedAs);
    await phone.enter(product);
    if (phone.isOver) return;
    phone.follow(this.#lineOf(call));
    const description = phone.describe(call.offer);
    const nowMs = this.#options.now();
    if (description === null) call.reject(488, nowMs);
    else call.accept(description, nowMs);
    this.#endpoint?.settle();
  }

  #open(dialled: DialledRoom): Promise<PhoneCall> {
    const { peer, journal, say, now } = this.#options;
    return PhoneCall.open({ ...{ peer, dialled, journal, say, now }, host: peer.phone.listen.host, told: this.#told });
  }

  #lineOf(call: SipCall) {
    const { now } = this.#options;
    return {
      caller: () => {
        const { host } = call.flow;
        return {
          ...{ host, isProved: (at: string) => call.isProved(at), hasProved: (at: string) => call.hasProved(at) },
          prove: (at: string) => {
            const isAsked = call.prove(at, now());
            this.#endpoint?.settle();
            return isAsked;
          },
        };
      },
      hangUp: (reason: string) => {
        call.hangUp(reason, now());
        this.#endpoint?.settle();
      },
      requestKeyFrame: () => {
        call.requestKeyFrame(now());
        this.#endpoint?.settle();
      },
      probe: (onAnswer: (isThere: boolean) => void) => {
        call.probe(now(), onAnswer);
        this.#endpoint?.settle();
      },
    };
  }

  #free(attempt: Attempt): void {
    if (this.#current?.attempt === attempt) this.#current = null;
  }

  /** The room cannot be entered: whoever calls hears no more than that. */
  #failed(error: unknown, call: SipCall | undefined): void {
    call?.hangUp('the room cannot be entered', this.#options.now());
    this.#endpoint?.settle();
    this.#options.say(error instanceof Error ? error.message : String(error));
  }
}

/** @param option which names it */
async function flowTo(uri: string, option: string): Promise<Flow> {
  const { host = '', port, parameters } = parseSipUri(uri) ?? {};
  try {
    const address = isIP(host) ? host : (await lookup(host)).address;
    const transport = parameters?.get('transport')?.toLowerCase() === 'tcp' ? 'tcp' : 'udp';
    return { transport, host: address, port: port ?? DEFAULT_SIP_PORT };
  } catch (cause) {
    const text = `${option}: ${host} has no address. Give a host that this machine can reach.`;
    throw new PhoneError('phone.unknown', text, { cause });
  }
}
