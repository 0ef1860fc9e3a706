/** Mutation operators on constants. */
import ts from '@typescript/typescript6';
import { type Operator, replaced } from './change.ts';

/** Twice the number, and 0; 0 itself becomes 1. */
export const otherNumber: Operator = (node, file) => {
  if (!ts.isNumericLiteral(node) || isName(node)) return [];
  const text = node.getText(file);
  if (Number(node.text) === 0) return [replaced(node, file, '1')];
  return [`(2 * ${text})`, '0'].map((other) => replaced(node, file, other));
};

/** The key of a property is no value. */
function isName(node: ts.NumericLiteral): boolean {
  return ts.isPropertyAssignment(node.parent) && node.parent.name === node;
}

/** `true` becomes `false`, and the other way round. */
export const swappedBoolean: Operator = (node, file) => {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [replaced(node, file, 'false')];
  return node.kind === ts.SyntaxKind.FalseKeyword ? [replaced(node, file, 'true')] : [];
};
