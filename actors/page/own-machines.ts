/** The machines of the peer itself, for its page alone: whether or not it tells the room of them. */
import { contextText } from '../call/context-text.ts';
import { Inspector, parseTransition, type Transition } from '../call/inspector.ts';

export class OwnMachines {
  #take: ((transition: Transition) => void) | null = null;
  readonly #inspector = new Inspector({
    publish: (line) => {
      const transition = this.#take === null ? undefined : parseTransition(line);
      if (transition !== undefined) this.#take?.(transition);
    },
    now: Date.now,
  });

  /** For the root machine of the peer. */
  readonly observe = this.#inspector.observe;

  /** Tells how all machines are, and from now on each transition. */
  tellTo(take: (transition: Transition) => void): void {
    this.#take = take;
    this.#inspector.tellAll();
  }

  tellNobody(): void {
    this.#take = null;
  }

  /** What a machine remembers, as text; null: there is none of this name. */
  contextOf(machine: string): string | null {
    return contextText(this.#inspector.contextOf(machine));
  }
}
