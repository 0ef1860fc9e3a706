/** A machine's chart, drawn from where its documents lay everything. */
import type { MachineState } from '../../../../room-picture/contract.ts';
import { ArrowHead } from '../arrow-head.tsx';
import type { LaidOutChart, LaidOutState, LaidOutTransition } from './layout.ts';
import { litOf } from './lit.ts';

/** Lines of a label, px. */
const LINE = 13;
/** Corners of lines, px. */
const ROUND = 7;

interface Props {
  readonly chart: LaidOutChart;
  readonly machine: MachineState | undefined;
  /** What it shows, for a screen reader. */
  readonly label: string;
}

export function ChartView({ chart, machine, label }: Props) {
  const lit = litOf(chart, machine);
  const step = machine?.latest.at(-1);
  return (
    <svg
      class="chart"
      role="img"
      aria-label={label}
      width={chart.width}
      height={chart.height}
      viewBox={`0 0 ${chart.width} ${chart.height}`}
    >
      <ArrowHead id="goes" endsAt={8} size={8} hollow={2} />
      {chart.states.map((state) => (
        <State
          key={`${state.kind} ${state.path} ${state.x} ${state.y}`}
          state={state}
          isLit={lit.states.has(state.path)}
        />
      ))}
      {chart.transitions.map((transition, place) => (
        <Transition
          // A new step lights its line again.
          key={place === lit.transition ? `${place} ${step?.atMs}` : place}
          transition={transition}
          isLit={place === lit.transition}
        />
      ))}
    </svg>
  );
}

function State({ state, isLit }: { readonly state: LaidOutState; readonly isLit: boolean }) {
  const { kind, x, y, width, height, label, about } = state;
  const isContainer = kind === 'group' || kind === 'parallel';
  if (kind === 'start') return <circle class="start" cx={x + width / 2} cy={y + height / 2} r={width / 2} />;
  return (
    <g class={`state ${kind === 'state' ? 'leaf' : kind}${isLit ? ' lit' : ''}`}>
      {about !== undefined && <title>{about}</title>}
      <rect x={x} y={y} width={width} height={height} rx={isContainer ? 12 : height / 2} />
      {kind === 'final' && <rect x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={height / 2 - 3} />}
      <text
        x={isContainer ? x + 14 : x + width / 2}
        y={isContainer ? y + 20 : y + height / 2}
        dy={isContainer ? 0 : '0.35em'}
        text-anchor={isContainer ? 'start' : 'middle'}
      >
        {label}
      </text>
    </g>
  );
}

function Transition({ transition, isLit }: { readonly transition: LaidOutTransition; readonly isLit: boolean }) {
  const { points, label } = transition;
  return (
    <g class={`transition${isLit ? ' lit' : ''}`}>
      <path d={roundedLine(points)} marker-end="url(#goes)" />
      {label.lines.map((line, row) => (
        <text key={line} x={label.x} y={label.y + (row + 1) * LINE - 3}>
          {line}
        </text>
      ))}
    </g>
  );
}

/** The `d` of a path through these corners, each cut by a small curve. */
function roundedLine(points: readonly number[]): string {
  const corners = Array.from({ length: points.length / 2 }, (_, place) => ({
    x: points[2 * place] ?? 0,
    y: points[2 * place + 1] ?? 0,
  }));
  return corners
    .map((corner, place) => {
      const [before, after] = [corners[place - 1], corners[place + 1]];
      if (before === undefined) return `M${corner.x} ${corner.y}`;
      if (after === undefined) return `L${corner.x} ${corner.y}`;
      const [a, b] = [near(corner, before), near(corner, after)];
      return `L${a.x} ${a.y}Q${corner.x} ${corner.y} ${b.x} ${b.y}`;
    })
    .join('');
}

interface Corner {
  readonly x: number;
  readonly y: number;
}

function near(corner: Corner, other: Corner): Corner {
  const length = Math.hypot(other.x - corner.x, other.y - corner.y) || 1;
  const step = Math.min(ROUND, length / 2) / length;
  const at = (from: number, to: number) => Math.round(10 * (from + (to - from) * step)) / 10;
  return { x: at(corner.x, other.x), y: at(corner.y, other.y) };
}
