/**
 * What waits to be sent, stream by stream, a packet of each in turn: a small frame of one is not held up by a large one of another.
 * What one stream sends stays in order.
 */
interface Line<Item> {
  readonly items: Item[];
  /** Of those that have left. */
  head: number;
}

export class Turns<Item> {
  /** By the streams' keys, in the order of their turns. */
  readonly #lines = new Map<number, Line<Item>>();
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  add(stream: number, item: Item): void {
    const line = this.#lines.get(stream);
    if (line === undefined) this.#lines.set(stream, { items: [item], head: 0 });
    else line.items.push(item);
    this.#size += 1;
  }

  /** Whose turn it is; it stays there until it is taken. */
  first(): Item | undefined {
    for (const { items, head } of this.#lines.values()) return items[head];
    return undefined;
  }

  /** Takes the newest out of the longest line: who sends most has least to complain of. */
  dropFromLongest(): Item | undefined {
    let longest: { readonly stream: number; readonly line: Line<Item> } | undefined;
    for (const [stream, line] of this.#lines) {
      const most = longest === undefined ? 0 : longest.line.items.length - longest.line.head;
      if (line.items.length - line.head > most) longest = { stream, line };
    }
    if (longest === undefined) return undefined;
    const { stream, line } = longest;
    const item = line.items.pop();
    this.#size -= 1;
    if (line.items.length === line.head) this.#lines.delete(stream);
    return item;
  }

  /** Whose turn it is leaves, and the next turn is another stream's. */
  take(): Item | undefined {
    for (const [stream, line] of this.#lines) {
      const item = line.items[line.head];
      line.head += 1;
      this.#size -= 1;
      this.#lines.delete(stream);
      if (line.head < line.items.length) this.#lines.set(stream, line);
      return item;
    }
    return undefined;
  }
}
