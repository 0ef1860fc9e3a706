/** Arrows as they are drawn: streams of one person on one way together, each with its curve and its width. Pure. */
import type { Arrow, ArrowKind } from '../../../room-picture/contract.ts';
import type { Place, Point } from './places.ts';

/** All streams of one source that go from one peer to another. */
export interface Flow {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly kind: ArrowKind;
  /** bit/s. */
  readonly bps: number;
  readonly streams: readonly string[];
}

export function flowsOf(arrows: readonly Arrow[]): Flow[] {
  const flows = new Map<string, { -readonly [K in keyof Flow]: Flow[K] } & { streams: string[] }>();
  for (const { from, to, source, stream, kind, bps } of arrows) {
    const key = `${from} ${to} ${source}`;
    const flow = flows.get(key);
    if (flow === undefined) flows.set(key, { key, from, to, source, kind, bps, streams: [stream] });
    else {
      flow.bps += bps;
      flow.streams.push(stream);
      if (kind === 'to-relay') flow.kind = kind;
    }
  }
  return [...flows.values()];
}

/** Of 1 Mbit/s, px. Area would lie: eyes compare widths, and rates differ by a hundred. */
const WIDTH_OF_MBIT = 4;
const THINNEST = 1;
const WIDEST = 10;
/** Rooms of more than these have thinner arrows. */
const ROOMY = 6;

/** px. */
export function widthOf(bps: number, peers: number): number {
  const crowding = Math.sqrt(ROOMY / Math.max(ROOMY, peers));
  const width = WIDTH_OF_MBIT * Math.sqrt(bps / 1e6) * crowding;
  return Math.round(10 * Math.min(WIDEST * crowding, Math.max(THINNEST * crowding, width))) / 10;
}

/** How far a curve bends from the straight line, as a share of its length; the two directions bend apart. */
const BEND = 0.1;
/** Flows side by side from one peer to another, as a share of a curve's length. */
const SPREAD = 0.055;

export interface Ends {
  readonly from: Place;
  readonly to: Place;
  /** Of the nodes, px; curves begin and end outside of them. */
  readonly radius: number;
  /** Which of how many flows from the one to the other. */
  readonly index: number;
  readonly count: number;
}

/** The `d` of a path: one quadratic curve. */
export function curveOf({ from, to, radius, index, count }: Ends): string {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
  const bend = length * (BEND + SPREAD * index) + (count > 1 ? 4 * index : 0);
  const control = { x: (from.x + to.x) / 2 - along.y * bend, y: (from.y + to.y) / 2 + along.x * bend };
  const start = towards(from, control, radius + 3);
  const end = towards(to, control, radius + 7);
  return `M${text(start)}Q${text(control)} ${text(end)}`;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { x: from.x + ((to.x - from.x) * distance) / length, y: from.y + ((to.y - from.y) * distance) / length };
}

const text = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;
