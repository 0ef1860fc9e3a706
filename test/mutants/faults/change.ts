/** What a mutation operator makes of a place in the code. */
import type ts from '@typescript/typescript6';

/** One replacement of source text. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** As people read it, where it is not the text replaced and its replacement. */
  readonly before?: string;
  readonly after?: string;
}

/** Gives every change of its kind that is possible at this very node, not below it. */
export type Operator = (node: ts.Node, file: ts.SourceFile) => readonly Change[];

/** Puts other text in a node's place. */
export function replaced(node: ts.Node, file: ts.SourceFile, replacement: string): Change {
  return { start: node.getStart(file), end: node.end, replacement };
}

/** Takes an element out of a list, and its comma with it. */
export function without(list: ts.NodeArray<ts.Node>, element: ts.Node, file: ts.SourceFile): Change {
  const index = list.indexOf(element);
  const next = list[index + 1];
  const before = list[index - 1];
  const text = { replacement: '', before: element.getText(file), after: 'nothing' };
  if (next !== undefined) return { start: element.getStart(file), end: next.getStart(file), ...text };
  if (before !== undefined) return { start: before.end, end: element.end, ...text };
  return { start: element.getStart(file), end: element.end, ...text };
}
