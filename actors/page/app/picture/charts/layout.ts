/** A machine's chart with a place for everything in it, in px. `layouts.json` holds those of all machines; `npm run charts` writes it. */

export interface LaidOutState {
  /** Dotted, as in transitions; `` is a pseudo state of no name: a start, or what stands for any state of its container. */
  readonly path: string;
  readonly kind: 'state' | 'group' | 'parallel' | 'final' | 'start' | 'anywhere';
  readonly label: string;
  /** What it means, where the definition says so. */
  readonly about?: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** All transitions from one state to another: one line, with a text for each. */
export interface LaidOutTransition {
  /** Path of the state; of a start or of any state, that of their container. */
  readonly from: string;
  readonly to: string;
  /** x and y of each corner in turn. */
  readonly points: readonly number[];
  readonly label: { readonly x: number; readonly y: number; readonly lines: readonly string[] };
}

export interface LaidOutChart {
  readonly id: string;
  readonly about: string;
  readonly width: number;
  readonly height: number;
  /** Containers before what they hold. */
  readonly states: readonly LaidOutState[];
  readonly transitions: readonly LaidOutTransition[];
}
