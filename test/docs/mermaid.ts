/**
 * A chart as a Mermaid state diagram. Mermaid draws no line between states in different composite states, nor from a
 * composite state into itself; so lines join siblings, and a start mark with an event on its line stands for "on this
 * event, wherever in here". What only acts is left to the table beside the diagram.
 */
import type { Chart, ChartState, ChartTransition, StatePath } from './chart.ts';

interface Line {
  /** The composite state in which the line is drawn. */
  readonly container: StatePath;
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** The diagram's text, without the fence around it. */
export function mermaidOf({ root, transitions }: Chart): string {
  const lines = transitions.flatMap((transition) => lineOf(transition, root));
  return ['stateDiagram-v2', ...bodyOf(root, lines).map((line) => `  ${line}`)].join('\n');
}

function bodyOf(state: ChartState, lines: readonly Line[]): string[] {
  const own = lines.filter(({ container }) => samePath(container, state.path));
  return [
    ...state.states.flatMap((child) => declarationOf(child, lines)),
    ...(state.initial === undefined ? [] : [`[*] --> ${idOf([...state.path, state.initial])}`]),
    ...own.map(({ from, to, label }) => `${from} --> ${to} : ${label}`),
    ...state.states.filter(({ type }) => type === 'final').map(({ path }) => `${idOf(path)} --> [*]`),
  ];
}

function declarationOf(state: ChartState, lines: readonly Line[]): string[] {
  const key = state.path.at(-1) ?? '';
  const title = state.type === 'parallel' ? `${key} (all parts at once)` : key;
  const opening = `state "${title}" as ${idOf(state.path)}`;
  if (state.states.length === 0) return [opening];
  return [`${opening} {`, ...bodyOf(state, lines).map((line) => `  ${line}`), '}'];
}

function lineOf({ source, target, trigger, guard }: ChartTransition, root: ChartState): Line[] {
  if (target === null) return [];
  const isLeaf = childrenAt(root, source).length === 0;
  const container = isLeaf && samePath(source, target) ? source.slice(0, -1) : sharedPath(source, target);
  const depth = container.length + 1;
  const to = target.length < depth ? [...container, initialAt(root, container)] : target.slice(0, depth);
  const deeper = target.slice(depth);
  const origin = source.slice(depth);
  const label = [
    trigger,
    guard === undefined ? '' : `[${guard}]`,
    origin.length > 0 ? `in ${origin.join('.')}` : '',
    deeper.length > 0 ? `to ${deeper.join('.')}` : '',
  ];
  return [
    {
      container,
      from: source.length < depth ? '[*]' : idOf(source.slice(0, depth)),
      to: idOf(to),
      label: label.filter((part) => part !== '').join(' '),
    },
  ];
}

function stateAt(root: ChartState, path: StatePath): ChartState | undefined {
  return path.reduce<ChartState | undefined>(
    (state, key) => state?.states.find((child) => child.path.at(-1) === key),
    root,
  );
}

function childrenAt(root: ChartState, path: StatePath): readonly ChartState[] {
  return stateAt(root, path)?.states ?? [];
}

function initialAt(root: ChartState, path: StatePath): string {
  const initial = stateAt(root, path)?.initial;
  if (initial === undefined) throw new Error(`${path.join('.')} is entered anew but has no initial state to draw to`);
  return initial;
}

function sharedPath(a: StatePath, b: StatePath): StatePath {
  const length = a.findIndex((key, index) => key !== b[index]);
  return length === -1 ? a : a.slice(0, length);
}

function samePath(a: StatePath, b: StatePath): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}

/** Ids must be unique in a diagram and free of dots. */
function idOf(path: StatePath): string {
  return path.join('_');
}
