/** What the best plan of a small room with a graph can do, found by a linear program solver instead of the planner's rules. */
import type { PlanInput } from '../../machines/plan.ts';
import { expression, optimum, type Term } from './solver.ts';

/** The solver is at its best with numbers near 1. */
const BPS_PER_UNIT = 1_000_000;

/** Whether two peers of a room reach each other directly. */
export function edgesOf({ cut = [] }: PlanInput): (a: string, b: string) => boolean {
  const pairs = new Set(cut.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
  return (a, b) => !pairs.has(`${a} ${b}`);
}

/** The pairs `SOURCE RECEIVER` that any plan can serve: directly, or over a member that lends and reaches both. */
export function servablePairs(input: PlanInput): Set<string> {
  const hasEdge = edgesOf(input);
  const { peers } = input;
  return new Set(
    peers.flatMap(({ id: source }) =>
      peers.flatMap(({ id: receiver }) => {
        if (source === receiver) return [];
        const bridged = peers.some(
          ({ id, lendBps, uploadBps }) =>
            ![source, receiver].includes(id) &&
            (lendBps ?? uploadBps) > 0 &&
            hasEdge(source, id) &&
            hasEdge(id, receiver),
        );
        return hasEdge(source, receiver) || bridged ? [`${source} ${receiver}`] : [];
      }),
    ),
  );
}

/**
 * The highest rate that all sources can have in common, bit/s, where every pair that can be served is. For rooms in which everybody
 * watches everybody and sends one stream. `d<s>_<j>`: how much of the source s is sent directly to j; `x<s>_<j>_<r>`: how much of it j
 * forwards to r, of what it has directly. No plan can do better, as if what relays have were never the same slices by bad luck.
 */
export function highestCommonRate(input: PlanInput): number {
  const hasEdge = edgesOf(input);
  const servable = servablePairs(input);
  if (servable.size === 0) return 0;
  const all = [...input.peers.entries()];
  const sent = all.map((): Term[] => []);
  const lent = all.map((): Term[] => []);
  const rows: string[] = [];
  for (const [s, source] of all) {
    for (const [r, receiver] of all) {
      if (!servable.has(`${source.id} ${receiver.id}`)) continue;
      const parts: Term[] = [];
      if (hasEdge(source.id, receiver.id)) {
        const direct = { factor: 1, variable: `d${s}_${r}` };
        parts.push(direct);
        sent[s]?.push(direct);
      }
      for (const [j, relay] of all) {
        if (j === s || j === r || !hasEdge(source.id, relay.id) || !hasEdge(relay.id, receiver.id)) continue;
        const forwarded = { factor: 1, variable: `x${s}_${j}_${r}` };
        parts.push(forwarded);
        sent[j]?.push(forwarded);
        lent[j]?.push(forwarded);
        rows.push(expression([forwarded, { factor: -1, variable: `d${s}_${j}` }]).concat(' <= 0'));
      }
      rows.push(expression([...parts, { factor: -1, variable: 'level' }]).concat(' >= 0'));
    }
  }
  for (const [j, { uploadBps, lendBps = uploadBps }] of all) {
    const usable = (uploadBps * input.headroom) / BPS_PER_UNIT;
    rows.push(`${expression(sent[j] ?? [])} <= ${usable}`);
    rows.push(`${expression(lent[j] ?? [])} <= ${Math.min(usable, lendBps / BPS_PER_UNIT)}`);
  }
  const highest = optimum(`Maximize\n level\nSubject To\n${rows.join('\n')}\nEnd`);
  return (highest ?? 0) * BPS_PER_UNIT;
}
