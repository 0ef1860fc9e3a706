/** Bus messages as a story: one line for what is new, none for what only repeats or renews. */
import { ALL_SLICES, SLICE_COUNT, sliceCount } from '../../../machines/slices.ts';
import type { BusMessage } from '../playing/bus-tap.ts';

interface Leg {
  readonly receiver: string;
  readonly slices: number;
}

export class Narrator {
  readonly #told = new Set<string>();

  /** The line to show for a message, if any. */
  tell({ from, to, message }: BusMessage): string | undefined {
    switch (message.kind) {
      case 'invite':
        return to === 'all' ? this.#once(`joins ${from}`, `${from} joins`) : undefined;
      case 'bye':
        return `${from} says bye`;
      case 'relay.request': {
        const { agreement, revision, legs } = message.body;
        return this.#once(`asks ${agreement} ${revision}`, `${from} asks ${to} to relay to ${receivers(legs)}`);
      }
      case 'relay.offer': {
        const { agreement, revision, legs } = message.body;
        return this.#once(`offers ${agreement} ${revision}`, `${to} gets ${from}'s offer: to ${receivers(legs)}`);
      }
      case 'relay.reject':
        return `${from} refuses ${to}: ${message.body.code}`;
      case 'relay.accept': {
        const { agreement, revision } = message.body;
        return this.#once(`accepts ${agreement} ${revision}`, `${from} is relayed by ${to}`);
      }
      case 'relay.release': {
        const { agreement, reason, noticeMs } = message.body;
        const what = noticeMs > 0 ? `gives ${to} notice` : `ends its agreement with ${to}`;
        return this.#once(`ends ${agreement} ${from} ${noticeMs > 0}`, `${from} ${what}: ${reason}`);
      }
      default:
        return undefined;
    }
  }

  #once(key: string, line: string): string | undefined {
    if (this.#told.has(key)) return undefined;
    this.#told.add(key);
    return line;
  }
}

/** `A, B (4/16)`: the share of the stream where it is not the whole. */
export function receivers(legs: readonly Leg[]): string {
  if (legs.length === 0) return 'nobody';
  return legs
    .map(({ receiver, slices }) =>
      slices === ALL_SLICES ? receiver : `${receiver} (${sliceCount(slices)}/${SLICE_COUNT})`,
    )
    .join(', ');
}
