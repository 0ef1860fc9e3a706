/** A linear and integer program solver, given programs as text in the LP format. */
import { createRequire } from 'node:module';
import type { LegacyHighs } from 'highs';

// Its types describe the CommonJS build as if its exports had a `default`; to `require` it is the function itself.
const loadSolver: () => Promise<LegacyHighs> = createRequire(import.meta.url)('highs');
const solver = await loadSolver();

/** A term of a linear expression. */
export interface Term {
  readonly factor: number;
  readonly variable: string;
}

/** The value of the program's goal at its best; `null`: nothing meets the constraints. */
export function optimum(program: string): number | null {
  // By default it is content with an integer solution within a ten thousandth of the best.
  const { Status, ObjectiveValue } = solver.solve(program, { mip_rel_gap: 0 });
  if (Status === 'Infeasible') return null;
  if (Status !== 'Optimal') throw new Error(`the solver gave up: ${Status}`);
  return ObjectiveValue;
}

export function expression(terms: readonly Term[]): string {
  const used = terms.filter(({ factor }) => factor !== 0);
  // An expression needs a term; a variable of no meaning stands for none.
  return used.length === 0
    ? '0 nothing'
    : used.map(({ factor, variable }) => `${factor < 0 ? '-' : '+'} ${Math.abs(factor)} ${variable}`).join(' ');
}
