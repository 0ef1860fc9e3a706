/** A renewal and a scripted router in virtual time. */
import type { MappingAnswer } from '../../infra/mapping/contract.ts';
import { type MappingTurn, Renewal } from '../../infra/mapping/renewal.ts';
import { OWN_PORT } from './questions.ts';
import { ScriptedRouter } from './scripted-router.ts';

/** There and back. */
const ROUND_TRIP_MS = 2;

export class RenewalPlay {
  readonly router = new ScriptedRouter();
  readonly renewal = new Renewal(OWN_PORT);
  nowMs = 0;
  #wakeMs = Number.POSITIVE_INFINITY;
  #onTheWay: { readonly atMs: number; readonly answer: MappingAnswer }[] = [];

  start(): void {
    this.#follow(this.renewal.start(this.nowMs));
  }

  /** The network is another one, or the machine has slept. */
  doubt(): void {
    this.#follow(this.renewal.doubt(this.nowMs));
  }

  /** Ends the mapping; the router still answers. */
  close(): void {
    this.#follow(this.renewal.close(this.nowMs));
  }

  /** An answer that the router did not give. */
  hear(answer: MappingAnswer): void {
    this.#follow(this.renewal.hear(answer, this.nowMs));
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const [arriving] = this.#onTheWay;
      const nextMs = Math.min(arriving?.atMs ?? Number.POSITIVE_INFINITY, this.#wakeMs);
      if (nextMs > untilMs) break;
      this.nowMs = nextMs;
      if (arriving?.atMs === nextMs) {
        this.#onTheWay.shift();
        this.hear(arriving.answer);
      } else this.#follow(this.renewal.wake(nextMs));
    }
    this.nowMs = untilMs;
  }

  #follow({ questions, wakeMs }: MappingTurn): void {
    this.#wakeMs = wakeMs;
    for (const question of questions) {
      const answer = this.router.answer(question, this.nowMs);
      if (answer !== null) this.#onTheWay.push({ atMs: this.nowMs + ROUND_TRIP_MS, answer });
    }
  }
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
