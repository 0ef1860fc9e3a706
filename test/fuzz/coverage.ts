/**
 * Which parts of the code inputs reach, as V8 counts its blocks: what reaches a part that nothing has reached before is worth keeping.
 * V8 counts the blocks of what is compiled after it was told to, so the code must be imported after {@link Coverage.start}.
 */
import { type Profiler, Session } from 'node:inspector';

/** What one run has reached: by script, a byte for each letter of it. */
type Reached = ReadonlyMap<string, Uint8Array>;

export class Coverage {
  readonly #session = new Session();
  readonly #counts: (url: string) => boolean;
  readonly #known = new Map<string, Uint8Array>();

  private constructor(counts: (url: string) => boolean) {
    this.#counts = counts;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** @param counts whether a script is of interest */
  static start(counts: (url: string) => boolean): Coverage {
    return new Coverage(counts);
  }

  /** Whether a run reaches what none has reached that was learnt. */
  isNew(run: () => void): boolean {
    return [...this.#reachedBy(run)].some(([url, letters]) => this.#isNew(url, letters));
  }

  /** The same, and from now on it has been reached. */
  learn(run: () => void): boolean {
    let isNew = false;
    for (const [url, letters] of this.#reachedBy(run)) {
      if (!this.#isNew(url, letters)) continue;
      isNew = true;
      this.#known.set(url, union(this.#known.get(url) ?? new Uint8Array(0), letters));
    }
    return isNew;
  }

  /** Nothing has been reached. */
  forget(): void {
    this.#known.clear();
  }

  stop(): void {
    this.#session.disconnect();
  }

  #isNew(url: string, letters: Uint8Array): boolean {
    const known = this.#known.get(url);
    return letters.some((reached, at) => reached === 1 && known?.[at] !== 1);
  }

  #reachedBy(run: () => void): Reached {
    this.#take();
    run();
    const scripts = this.#take().filter(({ url }) => this.#counts(url));
    return new Map(scripts.map(({ url, functions }) => [url, lettersOf(functions)]));
  }

  /** What was counted since it was last taken. */
  #take(): readonly Profiler.ScriptCoverage[] {
    const taken: { result: readonly Profiler.ScriptCoverage[] } = { result: [] };
    // In the same process the answer comes before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      taken.result = result;
    });
    return taken.result;
  }
}

/** Ranges within others say more of their letters than those around them do. */
function lettersOf(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const ranges = functions.flatMap((one) => one.ranges);
  ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const letters = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
  for (const { startOffset, endOffset, count } of ranges) letters.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return letters;
}

function union(one: Uint8Array, other: Uint8Array): Uint8Array {
  const [shorter, longer] = one.length < other.length ? [one, other] : [other, one];
  const both = Uint8Array.from(longer);
  for (const [at, reached] of shorter.entries()) if (reached === 1) both[at] = 1;
  return both;
}
