/**
 * One UDP port made reachable from outside, for as long as it is wanted: which protocol to use, when to ask again, and what of it is
 * true now. Each input is given with the time, and returns what to ask and when to wake; no clock of its own, no I/O.
 *
 * All methods are probed at once, and the first that answers is asked for the mapping. Nothing is mapped twice.
 */
import { isLoopback, scopeOf } from '../network/scope.ts';
import {
  type Grant,
  MAPPING_METHODS,
  type MappingAnswer,
  type MappingAsk,
  type MappingMethod,
  type MappingQuestion,
  type MappingState,
  type Refusal,
} from './contract.ts';
import { type MappedPhase, type Phase, phaseDueMs, stateOf } from './phase.ts';
import { Repeats } from './repeats.ts';
import { Told } from './told.ts';

/** What is asked for: a long call is renewed now and then, and what a process that died leaves behind is gone within the hour. */
const LIFETIME_S = 3600;
/** RFC 6887 section 15 wants no client to believe in more. */
const MAX_LIFETIME_S = 24 * 3600;
/** RFC 6887 section 11.2.1: between two renewals. A mapping that does not last two of them is none. */
const MIN_RENEWAL_MS = 4000;
const MIN_LIFETIME_S = (2 * MIN_RENEWAL_MS) / 1000;
/** A gateway that restarts loses its mappings and need not say so: it is asked for its clock and its outside address. */
const LOOK_MS = 30_000;
/** Routers are exchanged and set up anew, but seldom. */
const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 16 * 60_000;
/** Who leaves does not wait longer for a gateway to confirm it. */
const CLOSE_MS = 700;

export interface MappingTurn {
  readonly questions: readonly MappingQuestion[];
  /** When to call {@link Renewal.wake}; infinite: not before something is heard. */
  readonly wakeMs: number;
}

type Refused = Extract<MappingAnswer, { type: 'refused' }>;

export class Renewal {
  readonly #ownPort: number;
  readonly #repeats = new Repeats();
  readonly #told = new Told();
  readonly #refusals = new Map<MappingMethod, Refusal>();
  #phase: Phase = { type: 'closed' };
  #retryMs = FIRST_RETRY_MS;
  #questions: MappingQuestion[] = [];
  #unasked = 0;

  /** @param ownPort our UDP port, which is also the one that we would like to have outside */
  constructor(ownPort: number) {
    this.#ownPort = ownPort;
  }

  get state(): MappingState {
    return stateOf(this.#phase, this.#refusals);
  }

  /** Whether the gateway has been told, or need not be. */
  get isClosed(): boolean {
    return this.#phase.type === 'closed';
  }

  /** Answers to what nobody asked. */
  get unasked(): number {
    return this.#unasked;
  }

  start(nowMs: number): MappingTurn {
    this.#begin(nowMs);
    return this.#turn(nowMs);
  }

  hear(answer: MappingAnswer, nowMs: number): MappingTurn {
    // Some gateways take seconds to describe themselves: then it is late, and welcome.
    const isLate = this.#phase.type === 'none' && answer.type === 'there';
    const question = this.#repeats.answered(answer);
    if (question === undefined && !isLate) this.#unasked += 1;
    else if (this.#phase.type === 'mapped') this.#hearMapped(answer, this.#phase, nowMs);
    else if (this.#phase.type === 'closing') this.#phase = { type: 'closed' };
    else this.#hearAsking(answer, nowMs);
    return this.#turn(nowMs);
  }

  wake(nowMs: number): MappingTurn {
    const { again, unanswered } = this.#repeats.due(nowMs);
    this.#questions.push(...again);
    for (const { method, ask } of unanswered) {
      const asked = ask === 'map' || ask === 'unmap' ? 'map' : 'look';
      this.#miss({ type: 'refused', method, asked, reason: 'silent' }, nowMs);
    }
    this.#keepUp(nowMs);
    return this.#turn(nowMs);
  }

  /** The machine is in another network, or has slept: what was true may not be, and who did not answer may now. */
  doubt(nowMs: number): MappingTurn {
    if (this.#phase.type === 'none') this.#begin(nowMs);
    else if (this.#phase.type === 'mapped') {
      this.#phase.lookMs = nowMs;
      this.#phase.isDoubted = true;
    }
    this.#keepUp(nowMs);
    return this.#turn(nowMs);
  }

  /** Takes the mapping away; {@link isClosed} once that is done, or has taken too long. */
  close(nowMs: number): MappingTurn {
    const phase = this.#phase;
    const method = phase.type === 'mapped' ? phase.mapped.by : phase.type === 'asking' ? phase.using : null;
    this.#repeats.clear();
    if (phase.type === 'closing' || method === null) this.#phase = { type: 'closed' };
    else {
      this.#ask(method, 'unmap', nowMs);
      this.#phase = { type: 'closing', endsMs: nowMs + CLOSE_MS };
    }
    return this.#turn(nowMs);
  }

  #begin(nowMs: number): void {
    this.#phase = { type: 'asking', there: [], using: null };
    this.#refusals.clear();
    this.#repeats.clear();
    for (const method of MAPPING_METHODS) this.#ask(method, 'probe', nowMs);
  }

  #hearAsking(answer: MappingAnswer, nowMs: number): void {
    const phase = this.#phase;
    const [there, using] = phase.type === 'asking' ? [phase.there, phase.using] : [[], null];
    if (answer.type === 'there') {
      this.#told.hear(answer, nowMs);
      this.#phase = { type: 'asking', there: [...there, answer.method], using };
    } else if (answer.type === 'mapped') this.#take(answer.method, answer, nowMs);
    else if (answer.type === 'refused') this.#miss(answer, nowMs);
    this.#askNext(nowMs);
  }

  #hearMapped(answer: MappingAnswer, phase: MappedPhase, nowMs: number): void {
    const { by } = phase.mapped;
    switch (answer.type) {
      case 'there':
        phase.lookMs = nowMs + LOOK_MS;
        phase.isDoubted = false;
        if (this.#told.hear(answer, nowMs) || (this.#told.hostBy(by) ?? phase.mapped.host) !== phase.mapped.host) {
          this.#ask(by, 'map', nowMs);
        }
        return;
      case 'gone':
        this.#ask(by, 'map', nowMs);
        return;
      case 'mapped':
        this.#take(by, answer, nowMs);
        return;
      default:
        if (answer.type === 'refused') this.#miss(answer, nowMs);
    }
  }

  /** A question has come to nothing. */
  #miss({ method, asked, reason }: Refused, nowMs: number): void {
    const phase = this.#phase;
    if (phase.type === 'mapped') this.#missMapped(phase, { method, asked, reason }, nowMs);
    if (phase.type !== 'asking' && phase.type !== 'none') return;
    // Several may come to nothing at the same moment, the last of them when all are known to.
    this.#refusals.set(method, reason);
    if (phase.type === 'asking' && phase.using === method) this.#phase = { ...phase, using: null };
    this.#askNext(nowMs);
  }

  #missMapped(phase: MappedPhase, { method, asked, reason }: Omit<Refused, 'type'>, nowMs: number): void {
    if (asked === 'look' && reason === 'silent' && phase.isDoubted) {
      // Another network whose addresses are the same, as those of many homes are.
      this.#begin(nowMs);
    } else if (asked === 'look') {
      phase.lookMs = nowMs + LOOK_MS;
      // It answers, but has no outside address: then it has no mapping either, or it has one again.
      if (reason !== 'silent') this.#ask(method, 'map', nowMs);
    } else if (reason === 'silent') {
      // RFC 6887 section 11.2.1: halfway to the end, again and again.
      phase.renewMs = nowMs + Math.max(MIN_RENEWAL_MS, (phase.endsMs - nowMs) / 2);
    } else this.#begin(nowMs);
  }

  #askNext(nowMs: number): void {
    if (this.#phase.type !== 'asking' || this.#phase.using !== null) return;
    const [using, ...there] = this.#phase.there;
    if (using !== undefined) {
      this.#phase = { type: 'asking', there, using };
      this.#ask(using, 'map', nowMs);
    } else if (this.#repeats.isEmpty) {
      this.#phase = { type: 'none', againMs: nowMs + this.#retryMs };
      this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    }
  }

  #take(method: MappingMethod, { host: told, port, lifetimeS, epochS }: Grant, nowMs: number): void {
    const host = told ?? this.#told.hostBy(method);
    // An outside address that leads back to whoever sends there is none either.
    const isOutside = host !== undefined && !isLoopback(host);
    if (!isOutside || lifetimeS < MIN_LIFETIME_S) {
      this.#miss({ type: 'refused', method, asked: 'map', reason: isOutside ? 'failed' : 'no-outside' }, nowMs);
      return;
    }
    this.#told.hear({ method, epochS, host }, nowMs);
    const lifetimeMs = 1000 * Math.min(lifetimeS, MAX_LIFETIME_S);
    this.#phase = {
      type: 'mapped',
      mapped: { host, port, by: method, scope: scopeOf(host) },
      endsMs: nowMs + lifetimeMs,
      renewMs: nowMs + lifetimeMs / 2,
      lookMs: nowMs + LOOK_MS,
      isDoubted: false,
    };
    this.#repeats.clear();
    this.#retryMs = FIRST_RETRY_MS;
  }

  /** What the time alone brings. */
  #keepUp(nowMs: number): void {
    const phase = this.#phase;
    if (phase.type === 'closing' && nowMs >= phase.endsMs) this.#phase = { type: 'closed' };
    else if (phase.type === 'none' && nowMs >= phase.againMs) this.#begin(nowMs);
    else if (phase.type !== 'mapped') return;
    else if (nowMs >= phase.endsMs) this.#begin(nowMs);
    else if (!this.#repeats.isEmpty) return;
    else if (nowMs >= phase.renewMs) this.#ask(phase.mapped.by, 'map', nowMs);
    else if (nowMs >= phase.lookMs) this.#ask(phase.mapped.by, 'look', nowMs);
  }

  #ask(method: MappingMethod, ask: MappingAsk, nowMs: number): void {
    const mapped = this.#phase.type === 'mapped' ? this.#phase.mapped : null;
    const outside = { host: mapped?.host ?? null, port: mapped?.port ?? this.#ownPort };
    const question = { method, ask, outside, lifetimeS: LIFETIME_S };
    this.#repeats.asked(question, nowMs);
    this.#questions.push(question);
  }

  #turn(nowMs: number): MappingTurn {
    const questions = this.#questions;
    this.#questions = [];
    return {
      questions,
      wakeMs: Math.max(nowMs, Math.min(this.#repeats.dueMs, phaseDueMs(this.#phase, !this.#repeats.isEmpty))),
    };
  }
}
