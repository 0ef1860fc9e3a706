/** Which tiles are in sight, and how large: only these are received. */
import type { Signal } from '@preact/signals';

/** Some of a tile has to be seen, not just its edge. */
const SEEN = 0.15;
/** Pixels. Smaller changes ask for nothing else. */
const STEP = 20;

export class Sight {
  readonly #heights: Signal<ReadonlyMap<string, number>>;
  readonly #ids = new WeakMap<Element, string>();
  readonly #seen = new Map<string, Element>();
  readonly #crossing: IntersectionObserver;
  readonly #resizing: ResizeObserver;

  constructor(heights: Signal<ReadonlyMap<string, number>>) {
    this.#heights = heights;
    this.#crossing = new IntersectionObserver((entries) => this.#crossed(entries), { threshold: [0, SEEN] });
    this.#resizing = new ResizeObserver(() => this.#tell());
  }

  watch(element: Element, id: string): () => void {
    this.#ids.set(element, id);
    this.#crossing.observe(element);
    this.#resizing.observe(element);
    return () => {
      this.#crossing.unobserve(element);
      this.#resizing.unobserve(element);
      if (this.#seen.get(id) === element) this.#seen.delete(id);
      this.#tell();
    };
  }

  #crossed(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, intersectionRatio } of entries) {
      const id = this.#ids.get(target);
      if (id === undefined) continue;
      if (intersectionRatio >= SEEN) this.#seen.set(id, target);
      else if (this.#seen.get(id) === target) this.#seen.delete(id);
    }
    this.#tell();
  }

  #tell(): void {
    const now = new Map(
      [...this.#seen].map(([id, { clientHeight }]) => [id, inSteps(clientHeight * devicePixelRatio)]),
    );
    const before = this.#heights.peek();
    const same = now.size === before.size && [...now].every(([id, height]) => before.get(id) === height);
    if (!same) this.#heights.value = now;
  }
}

function inSteps(height: number): number {
  return STEP * Math.ceil(height / STEP);
}
