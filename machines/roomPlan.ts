/** From a view to the planner's input: what counts as a member of the plan, and with how much upload. */
import type { PeerId } from './messages.ts';
import type { PlanInput, PlanPeer, PlanRoute } from './plan.ts';
import { type Member, othersOf, selfOf, type View } from './view.ts';

export interface Doubts {
  /** Members whose media path fell silent: neither receivers nor relays until they are heard again. */
  readonly silent: ReadonlySet<PeerId>;
  /** Members that failed as relays: not asked again for a while. */
  readonly distrusted: ReadonlySet<PeerId>;
}

/** The room as the planner sees it. `ownRoutes` is how the own source runs now; the others' are in the view. */
export function planInputOf(view: View, doubts: Doubts, ownRoutes: readonly PlanRoute[]): PlanInput {
  const members = [selfOf(view), ...othersOf(view)].filter(
    (member) => !doubts.silent.has(member.id) && (member.id === view.self || !member.leaving),
  );
  const others = members.filter((member) => member.id !== view.self);
  return {
    // Every peer publishes what it lets itself use: the headroom is taken off already.
    headroom: 1,
    peers: members.map((member) => planPeer(member, member.id === view.self, members.length, doubts)),
    inForce: [
      ...ownRoutes,
      ...others.flatMap((member) => member.routes.map((route) => ({ source: member.id, ...route }))),
    ],
  };
}

function planPeer(member: Member, self: boolean, size: number, { distrusted }: Doubts): PlanPeer {
  const { id, source, compatible } = member;
  // Until its first presence nobody knows a compatible peer's upload: it receives, and plans its own source itself.
  const unknown = compatible && member.usableBps === 0;
  const rates = source === null || unknown ? {} : { source: { minBps: source.minBps, maxBps: source.maxBps } };
  if (compatible || self) {
    return { id, compatible, uploadBps: member.usableBps, lendBps: distrusted.has(id) ? 0 : member.lendBps, ...rates };
  }
  // A plain RTP endpoint tells nobody its upload, and sends everyone its own copy whatever we plan.
  return { id, compatible, uploadBps: size * (source?.maxBps ?? 0), lendBps: 0, ...rates };
}
