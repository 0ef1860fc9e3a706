/** Mutation operators that leave something undone. */
import ts from '@typescript/typescript6';
import { type Change, type Operator, replaced } from './change.ts';

/** A statement that is only there for what it does: a call, an assignment, a count, a deletion. */
export const droppedStatement: Operator = (node, file) => {
  if (!ts.isExpressionStatement(node) || !hasEffect(node.expression)) return [];
  return [{ ...replaced(node, file, ';'), before: node.getText(file), after: 'nothing' }];
};

function hasEffect(expression: ts.Expression): boolean {
  if (ts.isAwaitExpression(expression) || ts.isVoidExpression(expression)) return hasEffect(expression.expression);
  // Without it no constructor of a derived class runs at all: every test would see that.
  if (ts.isCallExpression(expression)) return expression.expression.kind !== ts.SyntaxKind.SuperKeyword;
  if (ts.isBinaryExpression(expression)) return isAssignment(expression.operatorToken.kind);
  return ts.isDeleteExpression(expression) || isCount(expression);
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isCount(expression: ts.Expression): boolean {
  if (!ts.isPrefixUnaryExpression(expression) && !ts.isPostfixUnaryExpression(expression)) return false;
  return [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(expression.operator);
}

/** A function that returns before it has done anything, or that gives back unchanged what it should have changed. */
export const returnsAtOnce: Operator = (node, file) => {
  if (!isFunction(node) || node.body === undefined) return [];
  const given = givenBack(node, file);
  if (given === undefined) return [];
  const after = `return${given};`;
  if (!ts.isBlock(node.body)) return [{ ...replaced(node.body, file, given.trim()), after }];
  const [first] = node.body.statements;
  if (first === undefined || first.getText(file) === after) return [];
  const start = first.getStart(file);
  return [{ start, end: start, replacement: `${after} `, before: headOf(node, file), after } satisfies Change];
};

type WithBody = ts.FunctionDeclaration | ts.MethodDeclaration | ts.ArrowFunction;

function isFunction(node: ts.Node): node is WithBody {
  return ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isArrowFunction(node);
}

/** Nothing, of a function that is said to return nothing; the first parameter, where it is what is returned by its type. */
function givenBack({ type, parameters }: WithBody, file: ts.SourceFile): string | undefined {
  const returned = type?.getText(file);
  if (returned === undefined) return undefined;
  if (returned === 'void' || returned === 'Promise<void>') return '';
  const [first] = parameters;
  if (first === undefined || !ts.isIdentifier(first.name) || first.type?.getText(file) !== returned) return undefined;
  return ` ${first.name.text}`;
}

function headOf(node: WithBody, file: ts.SourceFile): string {
  return `all of ${node.name?.getText(file) ?? 'the function'}`;
}
