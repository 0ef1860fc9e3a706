/** How near plans of rooms with graphs come to what an exact solver finds possible. */
import { type PlanInput, planRoom } from '../../machines/plan.ts';
import { highestCommonRate, servablePairs } from './exact-graph.ts';
import { cutRoom, HOMES, MAPPED, natRoom } from './graphs.ts';

/** How rooms come to their graphs, by name. */
export const GRAPHS: Readonly<Record<string, (random: () => number, size: number) => PlanInput>> = {
  'NATs of homes': (random, size) => natRoom(random, size, HOMES),
  'NATs, many mapped': (random, size) => natRoom(random, size, MAPPED),
  '5 % of pairs cut': (random, size) => cutRoom(random, size, 0.05),
  '30 % of pairs cut': (random, size) => cutRoom(random, size, 0.3),
};

export interface GraphShare {
  /** The lowest rate of a source that reaches anybody, over the highest that all of these can have; `null`: nobody reaches anybody. */
  readonly share: number | null;
  /** Pairs that some plan can serve. */
  readonly servable: number;
  /** Those of them that this plan does not. */
  readonly missed: number;
}

export function graphShare(room: PlanInput): GraphShare {
  const servable = servablePairs(room);
  const { rates, unserved } = planRoom(room);
  const missed = unserved.filter(({ source, receiver }) => servable.has(`${source} ${receiver}`)).length;
  const best = highestCommonRate(room);
  const sources = new Set([...servable].map((pair) => pair.split(' ')[0]));
  const lowest = Math.min(...[...sources].map((source) => rates[`${source}/camera`] ?? 0));
  return { share: best > 0 ? lowest / best : null, servable: servable.size, missed };
}
