/** When a page is told of the room. Pure: time is given. */
import { othersOf, type View } from '../../machines/view.ts';

/** How often rates and the like are told, in ms: four times a second. */
export const TELL_MS = 250;

export class Telling {
  #toldMs = Number.NEGATIVE_INFINITY;
  #shown = '';

  /** Whether a change is told now, and not with the next turn: who comes, goes or shows something else is seen at once. */
  isDue(view: View, nowMs: number): boolean {
    return nowMs - this.#toldMs >= TELL_MS || shownIn(view) !== this.#shown;
  }

  told(view: View, nowMs: number): void {
    this.#toldMs = nowMs;
    this.#shown = shownIn(view);
  }
}

/** Who is there and shows what, as a text to compare. */
function shownIn(view: View): string {
  return JSON.stringify(
    othersOf(view).map(({ id, streams }) => [id, ...streams.map(({ name, ssrc }) => `${name} ${ssrc}`)]),
  );
}
