/** Gives everything in a chart its place, by the Eclipse Layout Kernel: the page draws charts without knowing how. */
import elk, { type ElkEdgeSection, type ElkNode, type LayoutOptions } from 'elkjs/lib/elk.bundled.js';
import type { LaidOutChart, LaidOutState, LaidOutTransition } from '../../actors/page/app/picture/charts/layout.ts';
import { type Chart, type ChartState, type ChartTransition, chartOf, type StatePath } from './chart.ts';
import { MACHINES } from './charts.ts';

/** Widths of letters as the page sets them, px: names of states, and texts of transitions in letters of one width. */
const NAME_WIDTH = 7.4;
const TEXT_WIDTH = 6.1;
const LINE_HEIGHT = 13;
const STATE_HEIGHT = 30;
const STATE_PADDING = 26;
const START_SIZE = 10;
const ANYWHERE = 'any state';

const OPTIONS: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.edgeLabels.inline': 'false',
  'elk.spacing.nodeNode': '34',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
};
/** A container has its name above what it holds. */
const CONTAINER: LayoutOptions = { 'elk.padding': '[top=38,left=16,bottom=16,right=16]' };

/** The text of layouts.json. */
export async function layoutsDocument(): Promise<string> {
  const charts: LaidOutChart[] = [];
  for (const { machine, about } of MACHINES) charts.push(await layOut(chartOf(machine), about));
  return `${JSON.stringify(charts)}\n`;
}

/** A state that lies under another name in the graph: two machines may call a state alike, and a start has no name. */
const idOf = (path: StatePath, part = ''): string => `${['root', ...path].join('.')}${part}`;
const pathText = (path: StatePath): string => path.join('.');

interface Drawn {
  readonly from: StatePath;
  readonly to: StatePath;
  readonly source: string;
  readonly lines: readonly string[];
}

async function layOut(chart: Chart, about: string): Promise<LaidOutChart> {
  const drawn = drawnOf(chart);
  const anywhere = new Set(drawn.map(({ source }) => source));
  const shapes = new Map<string, Omit<LaidOutState, 'x' | 'y' | 'width' | 'height'>>();
  const graph: ElkNode = {
    id: 'root',
    layoutOptions: OPTIONS,
    children: childrenOf(chart.root, shapes, anywhere),
    edges: drawn.map(({ source, to, lines }, place) => ({
      id: `t${place}`,
      sources: [source],
      targets: [idOf(to)],
      labels: lines.length === 0 ? [] : [{ text: 'label', ...sizeOf(lines) }],
    })),
  };
  const root: ElkNode = await new elk.default().layout(graph);
  return {
    ...{ id: chart.id, about, width: Math.round(root.width ?? 0), height: Math.round(root.height ?? 0) },
    states: placedIn(root).map(({ id, x, y, width, height }) => {
      const shape = shapes.get(id);
      if (shape === undefined) throw new Error(`${chart.id}: nothing is known of ${id}`);
      return { ...shape, ...rounded({ x, y, width, height }) };
    }),
    transitions: (root.edges ?? []).map((edge, place) =>
      transitionOf(drawn[place], edge.sections?.[0], edge.labels?.[0]),
    ),
  };
}

/** Every line: transitions that lead somewhere, those of one pair of states together, and starts. */
function drawnOf({ root, transitions }: Chart): Drawn[] {
  const lines = new Map<string, { from: StatePath; to: StatePath; source: string; lines: string[] }>();
  for (const transition of transitions) {
    const { source: from, target: to } = transition;
    if (to === null) continue;
    const source = sourceOf(root, transition, to);
    const key = `${source} ${idOf(to)}`;
    const line = lines.get(key) ?? { from, to, source, lines: [] };
    line.lines.push(textOf(transition));
    lines.set(key, line);
  }
  return [...starts(root), ...lines.values()];
}

/** A transition of a container into itself starts inside: at what stands there for any of its states. */
function sourceOf(root: ChartState, { source }: ChartTransition, target: StatePath): string {
  const isContainer = source.length === 0 || stateAt(root, source).states.length > 0;
  const isInside = source.every((key, depth) => target[depth] === key) && target.length > source.length;
  return isContainer && isInside ? idOf(source, '*') : idOf(source);
}

function starts(state: ChartState): Drawn[] {
  const own =
    state.initial === undefined
      ? []
      : [{ from: state.path, to: [...state.path, state.initial], source: idOf(state.path, '>'), lines: [] }];
  return [...own, ...state.states.flatMap(starts)];
}

function stateAt(root: ChartState, path: StatePath): ChartState {
  const state = path.reduce<ChartState | undefined>(
    (at, key) => at?.states.find((child) => child.path.at(-1) === key),
    root,
  );
  if (state === undefined) throw new Error(`there is no state ${pathText(path)}`);
  return state;
}

function textOf({ trigger, guard }: ChartTransition): string {
  return guard === undefined ? trigger : `${trigger} [${guard}]`;
}

type Shapes = Map<string, Omit<LaidOutState, 'x' | 'y' | 'width' | 'height'>>;

function childrenOf(state: ChartState, shapes: Shapes, anywhere: ReadonlySet<string>): ElkNode[] {
  const path = '';
  const start = idOf(state.path, '>');
  const any = idOf(state.path, '*');
  const pseudo: ElkNode[] = [];
  if (state.initial !== undefined) {
    shapes.set(start, { path, kind: 'start', label: '' });
    pseudo.push({ id: start, width: START_SIZE, height: START_SIZE });
  }
  if (anywhere.has(any)) {
    shapes.set(any, { path, kind: 'anywhere', label: ANYWHERE });
    pseudo.push({ id: any, width: ANYWHERE.length * TEXT_WIDTH + STATE_PADDING, height: STATE_HEIGHT });
  }
  return [...pseudo, ...state.states.map((child) => nodeOf(child, shapes, anywhere))];
}

function nodeOf(state: ChartState, shapes: Shapes, anywhere: ReadonlySet<string>): ElkNode {
  const id = idOf(state.path);
  const label = state.path.at(-1) ?? '';
  const about = state.description === undefined ? {} : { about: state.description };
  shapes.set(id, { path: pathText(state.path), kind: kindOf(state), label, ...about });
  const width = label.length * NAME_WIDTH + STATE_PADDING;
  if (state.states.length === 0) return { id, width, height: STATE_HEIGHT };
  const minimum = { 'elk.nodeSize.constraints': 'MINIMUM_SIZE', 'elk.nodeSize.minimum': `(${width}, ${STATE_HEIGHT})` };
  return { id, layoutOptions: { ...CONTAINER, ...minimum }, children: childrenOf(state, shapes, anywhere) };
}

function kindOf({ type, states }: ChartState): LaidOutState['kind'] {
  if (type === 'final') return 'final';
  if (states.length === 0) return 'state';
  return type === 'parallel' ? 'parallel' : 'group';
}

function sizeOf(lines: readonly string[]): { readonly width: number; readonly height: number } {
  return { width: Math.max(...lines.map(({ length }) => length)) * TEXT_WIDTH, height: lines.length * LINE_HEIGHT };
}

/** All that lies in a node, containers before what they hold. */
function placedIn({ children = [] }: ElkNode): ElkNode[] {
  return children.flatMap((child) => [child, ...placedIn(child)]);
}

interface Placed {
  readonly x?: number;
  readonly y?: number;
}

function transitionOf(
  drawn: Drawn | undefined,
  section: ElkEdgeSection | undefined,
  label?: Placed,
): LaidOutTransition {
  if (drawn === undefined || section === undefined) throw new Error('a transition was not laid out');
  const corners = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
  return {
    from: pathText(drawn.from),
    to: pathText(drawn.to),
    points: corners.flatMap(({ x, y }) => [Math.round(x), Math.round(y)]),
    label: { x: Math.round(label?.x ?? 0), y: Math.round(label?.y ?? 0), lines: drawn.lines },
  };
}

function rounded({ x = 0, y = 0, width = 0, height = 0 }: Placed & { width?: number; height?: number }) {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}
