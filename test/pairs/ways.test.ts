/** Whatever happens in whatever order: media goes only where a check was answered within 30 s, and is taken only from a member's own. */
import test from 'ava';
import fc from 'fast-check';
import type { CandidateKind, Endpoint } from '../../machines/messages.ts';
import { BOTH_FAMILIES, type Check } from '../../machines/pairs/contract.ts';
import { Pairing } from '../../machines/pairs/pairing.ts';
import { DELAYS } from '../../machines/timers.ts';
import { asMember, placeOf, textOf } from './meeting.ts';

type Step =
  | { readonly do: 'named'; readonly places: readonly number[]; readonly kinds: readonly CandidateKind[] }
  | { readonly do: 'asked'; readonly place: number }
  /** @see Rehearsal.answer: from where it was asked, or from that place */
  | { readonly do: 'answered'; readonly check: number; readonly from: number | null }
  | { readonly do: 'heard' | 'moved' | 'restarted' | 'left' }
  | { readonly do: 'nat'; readonly nat: 'symmetric' | 'cone' }
  | { readonly do: 'passes'; readonly ms: number };

const place = fc.integer({ min: 1, max: 12 });
const kind = fc.constantFrom<CandidateKind[]>('host', 'mapped', 'reflexive', 'relayed');
const kinds = fc.array(kind, { minLength: 4, maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('named' as const), places: fc.uniqueArray(place, { maxLength: 4 }), kinds }),
  fc.record({ do: fc.constant('asked' as const), place }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('answered' as const),
      check: fc.nat(9),
      from: fc.option(place, { freq: 4 }),
    }),
  },
  fc.record({ do: fc.constantFrom('heard' as const, 'moved' as const, 'restarted' as const, 'left' as const) }),
  fc.record({ do: fc.constant('nat' as const), nat: fc.constantFrom('symmetric' as const, 'cone' as const) }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('passes' as const),
      ms: fc.oneof(fc.double({ min: 0, max: 400, noNaN: true }), fc.integer({ min: 0, max: 40_000 })),
    }),
  },
);

class Rehearsal {
  readonly #pairing: Pairing;
  #nowMs = 0;
  #epoch = 1;
  #generation = 0;
  #transactions = 0;
  /** The latest, and which process they ask. */
  #checks: (Check & { readonly epoch: number })[] = [];
  /** When each place answered last, and when something of the member came from there. */
  readonly #answeredMs = new Map<string, number>();
  readonly #askedMs = new Map<string, number>();

  constructor() {
    const newTransaction = () => String(++this.#transactions);
    this.#pairing = new Pairing({ self: { id: 'B', epoch: 2 }, newTransaction, luck: () => 0.5 });
    this.#pairing.follow([asMember('A', this.#epoch)], 0);
  }

  take(step: Step): void {
    switch (step.do) {
      case 'named': {
        const candidates = step.places.map((number, index) => ({
          kind: step.kinds[index] ?? 'host',
          ...placeOf(number),
        }));
        this.#pairing.named('A', { generation: ++this.#generation, candidates }, this.#nowMs);
        break;
      }
      case 'asked':
        this.#pairing.asked('A', placeOf(step.place), this.#nowMs);
        this.#askedMs.set(textOf(placeOf(step.place)), this.#nowMs);
        break;
      case 'answered':
        this.#answer(this.#checks.at(-1 - step.check), step.from);
        break;
      case 'heard':
        this.#pairing.heard('A', this.#nowMs);
        break;
      case 'moved':
        this.#pairing.moved(this.#nowMs);
        break;
      case 'restarted':
        this.#epoch += 1;
        this.#begin();
        break;
      case 'left':
        this.#pairing.follow([], this.#nowMs);
        this.#begin();
        break;
      case 'nat':
        this.#pairing.behind(step.nat, BOTH_FAMILIES);
        break;
      case 'passes':
        this.#pass(step.ms);
        break;
    }
  }

  /** Undefined: all is well. */
  get wrong(): string | undefined {
    const { send, accept } = this.#pairing.waysOf('A');
    if (send !== null && !this.#isRecent(this.#answeredMs, send)) return `sends to ${textOf(send)} at ${this.#nowMs}`;
    const taken = accept.find(
      (each) => !this.#isRecent(this.#answeredMs, each) && !this.#isRecent(this.#askedMs, each),
    );
    return taken && `takes from ${textOf(taken)} at ${this.#nowMs}`;
  }

  #begin(): void {
    this.#pairing.follow([asMember('A', this.#epoch)], this.#nowMs);
    this.#generation = 0;
    this.#answeredMs.clear();
    this.#askedMs.clear();
  }

  #answer(check: (Check & { readonly epoch: number }) | undefined, from: number | null): void {
    if (check === undefined) return;
    const at: Endpoint = from === null ? check.to : placeOf(from);
    const isAwaited = this.#pairing.askedOf(check.transaction) !== undefined;
    this.#pairing.answered(check.transaction, at, this.#nowMs);
    // An answer to what the process before was asked, or a second one, is forgotten without a word.
    if (!isAwaited || check.epoch !== this.#epoch) return;
    this.#answeredMs.set(textOf(check.to), this.#nowMs);
    this.#askedMs.set(textOf(at), this.#nowMs);
  }

  #pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    while (this.#pairing.wakeMs <= untilMs) {
      this.#nowMs = Math.max(this.#nowMs, this.#pairing.wakeMs);
      const checks = this.#pairing.due(this.#nowMs).checks.map((check) => ({ ...check, epoch: this.#epoch }));
      this.#checks = [...this.#checks, ...checks].slice(-10);
    }
    this.#nowMs = untilMs;
  }

  #isRecent(times: ReadonlyMap<string, number>, at: Endpoint): boolean {
    const sinceMs = times.get(textOf(at));
    return sinceMs !== undefined && this.#nowMs < sinceMs + DELAYS.consentExpiry;
  }
}

test('in whatever order a member names, asks, answers, moves and starts again', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const rehearsal = new Rehearsal();
    for (const each of steps) {
      rehearsal.take(each);
      if (rehearsal.wrong !== undefined) throw new Error(rehearsal.wrong);
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 3000 }));
});
