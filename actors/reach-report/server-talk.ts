/** The requests to STUN and TURN servers, and how long each took to answer. */

import type { Endpoint } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import { type Reflexive, StunClient } from '../../infra/stun/client.ts';
import type { Outgoing } from '../../infra/stun/outgoing.ts';
import { readStun } from '../../infra/stun/read.ts';
import { freshTransactionId } from '../../infra/stun/write.ts';
import type { TurnClient } from '../../infra/turn/client.ts';
import type { TurnFailure } from '../../infra/turn/failure.ts';
import { Alarm } from '../bus/alarm.ts';
import type { Clock } from '../clock.ts';
import type { StunFinding, StunSays, TurnFinding } from './contract.ts';

export interface ServerTalkOptions {
  readonly clock: Clock;
  readonly send: (bytes: Uint8Array, to: Endpoint) => void;
}

const SILENT: TurnFailure = {
  code: 'turn.silent',
  text: 'The TURN server does not answer. Check host and port of --turn, and whether UDP reaches it.',
};

export class ServerTalk {
  readonly #options: ServerTalkOptions;
  readonly #stun = new StunClient({ transactionId: freshTransactionId });
  readonly #alarm: Alarm;
  /** By `host:port`, when each first answered. */
  readonly #answeredMs = new Map<string, number>();
  #servers: readonly Endpoint[] = [];
  #turn: TurnClient | null = null;
  #allocatedMs = 0;
  #startedMs = 0;
  #onSettled: () => void = () => undefined;

  constructor(options: ServerTalkOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#wake());
  }

  /** Resolves when all have answered or been asked long enough. */
  ask(servers: readonly Endpoint[], turn: TurnClient | null): Promise<void> {
    const nowMs = this.#options.clock.now();
    this.#startedMs = nowMs;
    this.#servers = servers;
    this.#turn = turn;
    const settled = new Promise<void>((resolve) => {
      this.#onSettled = resolve;
    });
    this.#follow(this.#stun.setServers(servers, nowMs));
    if (turn !== null) this.#follow(turn.open(nowMs));
    this.#look();
    return settled;
  }

  /** STUN has come to our socket. */
  take(bytes: Uint8Array, from: Endpoint): void {
    const nowMs = this.#options.clock.now();
    const message = readStun(bytes);
    if (message === undefined) return;
    const outgoing = this.#turn?.take(message, bytes, from, nowMs) ?? this.#stun.take(message, from, nowMs);
    if (outgoing === undefined) return;
    this.#follow(outgoing);
    this.#look();
  }

  get stun(): StunFinding[] {
    return this.#servers.map((at) => ({ at, says: this.#saysOf(at) }));
  }

  get turn(): TurnFinding | null {
    const state = this.#turn?.state;
    if (state === undefined) return null;
    if (state.kind !== 'allocated')
      return { kind: 'failed', failure: state.kind === 'failed' ? state.failure : SILENT };
    const { relayed, mapped = null } = state;
    return { kind: 'allocated', relayed, mapped, tookMs: this.#allocatedMs - this.#startedMs };
  }

  /** Gives back what was lent. */
  close(): void {
    if (this.#turn !== null) this.#send(this.#turn.close(this.#options.clock.now()));
    this.#alarm.stop();
  }

  #saysOf(server: Endpoint): StunSays {
    const text = endpointText(server);
    const reflexive: Reflexive = this.#stun.reflexives.get(text) ?? { kind: 'asking' };
    if (reflexive.kind === 'mapped') {
      const tookMs = (this.#answeredMs.get(text) ?? this.#startedMs) - this.#startedMs;
      return { kind: 'mapped', address: reflexive.address, tookMs };
    }
    const error = reflexive.kind === 'failed' ? reflexive.error : null;
    return error === null ? { kind: 'silent' } : { kind: 'refused', code: error.code };
  }

  #wake(): void {
    const nowMs = this.#options.clock.now();
    this.#follow(this.#stun.wake(nowMs));
    if (this.#turn !== null) this.#follow(this.#turn.wake(nowMs));
    this.#look();
  }

  #look(): void {
    const nowMs = this.#options.clock.now();
    const { reflexives } = this.#stun;
    for (const [text, { kind }] of reflexives)
      if (kind !== 'asking' && !this.#answeredMs.has(text)) this.#answeredMs.set(text, nowMs);
    const turn = this.#turn?.state.kind;
    if (turn === 'allocated' && this.#allocatedMs === 0) this.#allocatedMs = nowMs;
    const isAsking = turn === 'allocating' || [...reflexives.values()].some(({ kind }) => kind === 'asking');
    if (!isAsking) this.#onSettled();
  }

  #follow(outgoing: Outgoing): void {
    this.#send(outgoing);
    if (outgoing.wakeAtMs !== undefined) this.#alarm.set(outgoing.wakeAtMs);
  }

  #send({ datagrams }: Outgoing): void {
    for (const { bytes, to } of datagrams) this.#options.send(bytes, to);
  }
}
