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
 * watches everybody and sends one stream, which may be cut into parts as small as one likes. `y<s>_<set>`: how much of the source s is
 * sent directly to just the peers of this set; `x<s>_<set>_<j>_<r>`: how much of that j, one of them, forwards to r. There are as many
 * sets as subsets of a room: it takes minutes beyond eight peers.
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
    const receivers = all.filter(([, { id }]) => servable.has(`${source.id} ${id}`));
    if (receivers.length === 0) continue;
    const near = receivers.filter(([, { id }]) => hasEdge(source.id, id));
    const parts: Term[] = [];
    for (let set = 1; set < 1 << near.length; set += 1) {
      const direct = near.filter((_, bit) => (set & (1 << bit)) !== 0);
      const others = receivers.filter((receiver) => !direct.includes(receiver));
      const sendersTo = (id: string) => direct.filter(([, relay]) => hasEdge(relay.id, id));
      if (others.some(([, { id }]) => sendersTo(id).length === 0)) continue;
      const part = `y${s}_${set}`;
      parts.push({ factor: 1, variable: part });
      sent[s]?.push({ factor: direct.length, variable: part });
      for (const [r, { id }] of others) {
        const copies = sendersTo(id).map(([j]): Term => ({ factor: 1, variable: `x${s}_${set}_${j}_${r}` }));
        sendersTo(id).forEach(([j], at) => {
          const copy = copies[at];
          if (copy === undefined) return;
          sent[j]?.push(copy);
          lent[j]?.push(copy);
        });
        rows.push(`${expression([...copies, { factor: -1, variable: part }])} >= 0`);
      }
    }
    rows.push(`${expression([...parts, { factor: -1, variable: 'level' }])} >= 0`);
  }
  for (const [j, { uploadBps, lendBps = uploadBps }] of all) {
    const usable = (uploadBps * input.headroom) / BPS_PER_UNIT;
    rows.push(`${expression(sent[j] ?? [])} <= ${usable}`);
    rows.push(`${expression(lent[j] ?? [])} <= ${Math.min(usable, lendBps / BPS_PER_UNIT)}`);
  }
  const highest = optimum(`Maximize\n level\nSubject To\n${rows.join('\n')}\nEnd`);
  return (highest ?? 0) * BPS_PER_UNIT;
}
