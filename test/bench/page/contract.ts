/** What a benchmark of the page is. */

export interface Row {
  readonly case: string;
  readonly value: number;
  readonly unit: string;
}

/** What was measured. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
  /** Of what, where a case has several. */
  readonly part?: string;
}

export interface Effort {
  /** How often what happens once is made to happen. */
  readonly runs: number;
  /** How long what goes on is measured. */
  readonly seconds: number;
  /** Of the call that must not grow. */
  readonly minutes: number;
  /** Takes a line for a person who waits. */
  readonly say: (line: string) => void;
}

export interface PageCase {
  readonly name: string;
  /** What is good enough, for a person. */
  readonly goal: string;
  /** Why it cannot be measured here; undefined where it can. */
  readonly whyNot?: () => Promise<string | undefined>;
  measure(effort: Effort): Promise<Figure | readonly Figure[]>;
}
