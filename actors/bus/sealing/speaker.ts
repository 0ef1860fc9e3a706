/** What is kept of one id that speaks on the bus: its processes, what has come of each, and whether each has proved that it is here. */
import { ReplayWindow } from '../../../infra/srtp/replay-window.ts';
import { Allowance, type Limit } from '../../../machines/hearing/allowance.ts';

/** One that runs, one that has just started, and two whose messages somebody kept. */
const MAX_PROCESSES = 4;
/** Signatures that are looked at. Three times as many messages as anybody may send: whoever forges more drowns out no more than itself. */
const CHECKS: Limit = { burst: 300, perSecond: 100 };
/** How often one that asks is answered. */
const ANSWERS: Limit = { burst: 4, perSecond: 1 };
/** Who joins says something to each member by itself, within this. In ms. */
const PROOF_SOON_MS = 700;
/** How often one is asked that has not proved itself, in ms: a question or its answer may be lost. */
const ASK_AGAIN_MS = 1_000;
/** Who has not answered for as long since it was first asked is not here. In ms. */
const PROOF_PATIENCE_MS = 5_000;

export class Process {
  readonly epoch: number;
  /** Null: it does not sign. */
  readonly key: string | null;
  readonly heard = new ReplayWindow();
  /** It has said something that was meant for this process of ours: it says it now. */
  isProven = false;
  readonly #sinceMs: number;
  #firstAskedMs: number | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(epoch: number, key: string | null, nowMs: number) {
    this.epoch = epoch;
    this.key = key;
    this.#sinceMs = nowMs;
  }

  /** It has been silent about us for so long that it is asked now whether it is here; call it where something came that proves nothing. */
  mustProve(nowMs: number, isAtOnce: boolean): boolean {
    const isDue = isAtOnce || nowMs - this.#sinceMs >= PROOF_SOON_MS;
    if (!isDue || nowMs - this.#askedMs < ASK_AGAIN_MS) return false;
    this.#askedMs = nowMs;
    this.#firstAskedMs ??= nowMs;
    return true;
  }

  /** Whether it is believed to be here for now. */
  isPlausible(nowMs: number): boolean {
    return this.isProven || nowMs - (this.#firstAskedMs ?? nowMs) < PROOF_PATIENCE_MS;
  }
}

export class Speaker {
  readonly checks = new Allowance(CHECKS);
  readonly answers = new Allowance(ANSWERS);
  readonly #processes: Process[] = [];
  heardMs: number;
  /** Of the process that was heard last; what we say to it is meant for that one. */
  epoch = 0;

  constructor(nowMs: number) {
    this.heardMs = nowMs;
  }

  /** The one that is known; undefined where there is none. */
  processOf(epoch: number, key: string | null): Process | undefined {
    return this.#processes.find((process) => process.epoch === epoch && process.key === key);
  }

  /** Call it once it has signed something. Those that have proved nothing are forgotten first. */
  admit(process: Process): void {
    if (this.#processes.length >= MAX_PROCESSES) {
      const unproven = this.#processes.findIndex(({ isProven }) => !isProven);
      this.#processes.splice(Math.max(0, unproven), 1);
    }
    this.#processes.push(process);
  }

  get isProven(): boolean {
    return this.#processes.some(({ isProven }) => isProven);
  }

  /** Whether a later process than this has proved itself. */
  hasLater(epoch: number): boolean {
    return this.#processes.some((process) => process.isProven && process.epoch > epoch);
  }
}
