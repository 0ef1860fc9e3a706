/** Every small fault that the mutation operators can put into a file. */
import ts from '@typescript/typescript6';
import type { Change, Operator } from './change.ts';
import { droppedCondition, flippedComparison, negatedCondition } from './conditions.ts';
import { type Fault, lineAt } from './fault.ts';
import { droppedAction, droppedGuard } from './statecharts.ts';
import { droppedStatement, returnsAtOnce } from './statements.ts';
import { otherNumber, swappedBoolean } from './values.ts';

const OPERATORS: Readonly<Record<string, Operator>> = {
  'negated condition': negatedCondition,
  'dropped condition': droppedCondition,
  'flipped comparison': flippedComparison,
  'other number': otherNumber,
  'swapped boolean': swappedBoolean,
  'dropped statement': droppedStatement,
  'returns at once': returnsAtOnce,
  'dropped guard': droppedGuard,
  'dropped action': droppedAction,
};

/** Of the code before and after, this many characters are told. */
const TOLD_CHARACTERS = 72;

/**
 * The faults of one file, in the order of the code.
 * @param path from the project's root, with `/`
 */
export function faultsOf({ path, text }: { readonly path: string; readonly text: string }): Fault[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const faults: Fault[] = [];
  const visit = (node: ts.Node): void => {
    // Types are gone when the code runs.
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return;
    for (const [operator, changes] of Object.entries(OPERATORS)) {
      for (const change of changes(node, file)) faults.push(faultOf(path, text, operator, change));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return withDistinctNames(faults);
}

function faultOf(file: string, text: string, operator: string, change: Change): Fault {
  const { start, end, replacement, before = text.slice(start, end), after = replacement } = change;
  const what = `${told(before)} -> ${told(after)}`;
  return { file, line: lineAt(text, start), operator, what, why: null, start, end, replacement };
}

/** On one line, and not too long for it. */
function told(code: string): string {
  const line = code.replace(/\s+/g, ' ').trim();
  return line.length > TOLD_CHARACTERS ? `${line.slice(0, TOLD_CHARACTERS - 1)}…` : line;
}

/** Where one line has the same fault twice, the second is told from the first by its number. */
function withDistinctNames(faults: readonly Fault[]): Fault[] {
  const seen = new Map<string, number>();
  return faults.map((fault) => {
    const name = `${fault.line} ${fault.operator} ${fault.what}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? fault : { ...fault, what: `${fault.what} (${count})` };
  });
}
