/**
 * How far two peers have come in reaching each other. The chart knows no address: {@link Pairing} finds out what is so, and the
 * chart says what it means.
 */
import { initialTransition, setup, transition } from 'xstate';

export type PairEvent =
  /** The other is somewhere that may be tried. */
  | { readonly type: 'named' }
  /** A check was answered: media may go there. */
  | { readonly type: 'proved' }
  /** No check has been answered for `pairPatience`. */
  | { readonly type: 'unanswered' }
  /** Both are behind routers that refuse each other, or have no kind of address in common. */
  | { readonly type: 'hopeless' }
  /** What should come does not, or one of the two has moved. */
  | { readonly type: 'missing' }
  /** No address has answered for `consentExpiry`. */
  | { readonly type: 'expired' };

const pairSetup = setup({ types: { events: {} as PairEvent } });

export const pairMachine = pairSetup.createMachine({
  id: 'pair',
  initial: 'idle',
  states: {
    idle: { on: { named: 'checking', proved: 'open', hopeless: 'cut' } },
    checking: { on: { proved: 'open', unanswered: 'cut', hopeless: 'cut' } },
    open: { on: { missing: 'doubtful', expired: 'cut' } },
    doubtful: {
      description:
        'The way in use still gets what is sent; all addresses are checked, and the first that answers is the way.',
      on: { proved: 'open', unanswered: 'cut', expired: 'cut' },
    },
    cut: { description: 'Tried still, ever more slowly. Whoever reaches both may relay.', on: { proved: 'open' } },
  },
});

export type PairState = 'idle' | 'checking' | 'open' | 'doubtful' | 'cut';

/** Where each event leads from each state: worked out once, as a chart without a context leads there each time. */
const LEADS = new Map<string, PairState>();

function nextOf(state: PairState, type: PairEvent['type']): PairState {
  const key = `${state} ${type}`;
  const known = LEADS.get(key);
  if (known !== undefined) return known;
  const next = transition(pairMachine, pairMachine.resolveState({ value: state }), { type })[0].value;
  LEADS.set(key, next);
  return next;
}

/** One pair's place in the chart. Asked for every check of every pair. */
export class PairChart {
  #state: PairState = initialTransition(pairMachine)[0].value;

  get state(): PairState {
    return this.#state;
  }

  /** @returns whether it is in another state now */
  take(type: PairEvent['type']): boolean {
    const before = this.#state;
    this.#state = nextOf(before, type);
    return this.#state !== before;
  }
}
