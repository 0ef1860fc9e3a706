/** The room as it really is, for the planner: nobody has told it, and nothing of it is late. */
import type { Want } from '../../../machines/messages.ts';
import type { PlanInput, PlanPeer, PlanStream, PlanWant } from '../../../machines/plan.ts';
import { reachEachOther } from '../world/network/place.ts';
import type { PeerProcess } from '../world/peer/peer-process.ts';
import { HEADROOM } from '../world/peer/profile.ts';

export function truthOf(members: readonly PeerProcess[]): PlanInput {
  const peers = members.map((process): PlanPeer => {
    const { id, compatible, profile } = process;
    const { streams: shown } = process.show;
    const { trueUploadBps: uploadBps, wishes } = profile;
    // Who measures lends what it finds.
    const lendBps = profile.measures && profile.lendBps > 0 ? uploadBps : profile.lendBps;
    const streams = shown.map(({ group, layer, ...stream }): PlanStream => {
      return group === null ? stream : { ...stream, group, layer };
    });
    if (!compatible) return { id, compatible, uploadBps, lendBps: 0, streams };
    const { wants, downloadBps } = wishes;
    return {
      ...{ id, compatible, uploadBps: uploadBps * HEADROOM, lendBps, streams },
      ...(wants !== 'all' && { wants: wants.map(planWant) }),
      ...(downloadBps !== null && { downloadBps }),
    };
  });
  const cut = cutPairs(members);
  return { headroom: 1, peers, ...(cut.length > 0 && { cut }) };
}

/** Whose routers refuse each other. */
function cutPairs(members: readonly PeerProcess[]): [string, string][] {
  return members.flatMap((one, index) =>
    members
      .slice(index + 1)
      .filter((other) => !reachEachOther(one.site.place, other.site.place))
      .map((other): [string, string] => [one.id, other.id]),
  );
}

function planWant({ source, stream, maxBps }: Want): PlanWant {
  return { source, ...(stream !== undefined && { stream }), ...(maxBps !== undefined && { maxBps }) };
}
