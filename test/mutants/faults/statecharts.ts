/** Mutation operators on XState charts. */
import ts from '@typescript/typescript6';
import { type Operator, replaced, without } from './change.ts';

/** A transition that is taken whatever its guard says. */
export const droppedGuard: Operator = (node, file) => {
  if (!ts.isPropertyAssignment(node) && !ts.isShorthandPropertyAssignment(node)) return [];
  const isGuard = nameOf(node) === 'guard' && ts.isObjectLiteralExpression(node.parent);
  return isGuard ? [without(node.parent.properties, node, file)] : [];
};

const LISTS_OF_ACTIONS = ['actions', 'entry', 'exit'];

/** Of what a transition or a state does, one thing less. */
export const droppedAction: Operator = (node, file) => {
  if (!ts.isPropertyAssignment(node) || !LISTS_OF_ACTIONS.includes(nameOf(node) ?? '')) return [];
  const { initializer } = node;
  if (ts.isArrayLiteralExpression(initializer)) {
    return initializer.elements.map((action) => without(initializer.elements, action, file));
  }
  if (!isAction(initializer)) return [];
  return [{ ...replaced(initializer, file, '[]'), before: initializer.getText(file), after: 'nothing' }];
};

/** One action: its name, or an object with its type. Other objects under these names are the implementations of a chart. */
function isAction(value: ts.Expression): boolean {
  if (!ts.isObjectLiteralExpression(value)) return true;
  return value.properties.some((property) => nameOf(property) === 'type');
}

function nameOf({ name }: ts.ObjectLiteralElementLike): string | undefined {
  return name !== undefined && ts.isIdentifier(name) ? name.text : undefined;
}
