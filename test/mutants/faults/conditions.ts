/** Mutation operators on conditions: whether a test is noticed that never asks the other way. */
import ts from '@typescript/typescript6';
import { type Operator, replaced } from './change.ts';

/** The condition of an `if`, or of a choice between two values. */
function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node)) return node.expression;
  return ts.isConditionalExpression(node) ? node.condition : undefined;
}

/** `if (a)` becomes `if (!(a))`; not where it asks whether two are equal: {@link flippedComparison} makes the same of that. */
export const negatedCondition: Operator = (node, file) => {
  const condition = conditionOf(node);
  if (condition === undefined || (ts.isBinaryExpression(condition) && isEquality(condition))) return [];
  return [replaced(condition, file, `!(${condition.getText(file)})`)];
};

function isEquality({ operatorToken }: ts.BinaryExpression): boolean {
  const equalities = [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken];
  return equalities.includes(operatorToken.kind);
}

/** `if (a)` becomes `if (true)`, and of `a && b` and `a || b` only one side is left. */
export const droppedCondition: Operator = (node, file) => {
  if (ts.isIfStatement(node)) return [replaced(node.expression, file, 'true')];
  if (!ts.isBinaryExpression(node)) return [];
  const { operatorToken, left, right } = node;
  const isLogical = [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken].includes(operatorToken.kind);
  return isLogical ? [left, right].map((side) => replaced(node, file, `(${side.getText(file)})`)) : [];
};

const FLIPPED: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
};

/** A limit that no longer counts, or now does; equal becomes unequal. */
export const flippedComparison: Operator = (node, file) => {
  if (!ts.isBinaryExpression(node)) return [];
  const { left, operatorToken, right } = node;
  const flipped = FLIPPED[operatorToken.kind];
  if (flipped === undefined) return [];
  const after = `${left.getText(file)} ${flipped} ${right.getText(file)}`;
  return [{ ...replaced(operatorToken, file, flipped), before: node.getText(file), after }];
};
