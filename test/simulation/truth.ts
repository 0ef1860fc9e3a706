/** The room as it really is, for the planner: nobody has told it, and nothing of it is late. */
import type { Want } from '../../machines/messages.ts';
import type { PlanInput, PlanPeer, PlanStream, PlanWant } from '../../machines/plan.ts';
import { HEADROOM, type PeerProcess } from './peer-process.ts';

export function truthOf(members: readonly PeerProcess[]): PlanInput {
  const peers = members.map(({ id, uploadBps, lendBps, compatible, streams: shown, wishes }): PlanPeer => {
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
  return { headroom: 1, peers };
}

function planWant({ source, stream, maxBps }: Want): PlanWant {
  return { source, ...(stream !== undefined && { stream }), ...(maxBps !== undefined && { maxBps }) };
}
