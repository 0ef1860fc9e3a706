/** What a case of the benchmark of phones is, and what comes of one. */
import type { PhoneVideo } from '../../phone/programs/contract.ts';
import type { PhoneProgram } from '../../phone/programs/video-phone.ts';

/** Programs that nobody here has written, and our own code where it is measured by itself. */
export type Phone = 'sipp' | `${PhoneProgram} ${PhoneVideo}` | 'none';

/** Of one run: whether what must hold did, and the figure. */
export interface Outcome {
  readonly held: boolean;
  readonly value: number;
}

export interface PhoneCase {
  readonly name: string;
  readonly phone: Phone;
  /** What must hold, for a person, with the unit of the figure. */
  readonly asks: string;
  readonly play: (signal: AbortSignal) => Promise<Outcome>;
}

export interface Row {
  readonly case: string;
  readonly phone: Phone;
  readonly runs: number;
  /** In how many of them it held. */
  readonly held: number;
  /** The worst. */
  readonly value: number;
}

export function rowOf({ name, phone }: Pick<PhoneCase, 'name' | 'phone'>, outcomes: readonly Outcome[]): Row {
  const held = outcomes.filter((outcome) => outcome.held).length;
  return { case: name, phone, runs: outcomes.length, held, value: Math.max(...outcomes.map(({ value }) => value)) };
}
