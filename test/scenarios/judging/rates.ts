/** The rates that sources run at beside those that the room's plan gives them. All rates are bit/s. */
import type { PeerId } from '../../../machines/messages.ts';
import { type PlanPeer, planRoom } from '../../../machines/plan.ts';
import { lastReports, type RunRecord } from './record.ts';

/** What peers use of their upload unless `--headroom` says otherwise, which no scenario does. */
const HEADROOM = 0.95;

export interface SourceRate {
  readonly source: PeerId;
  readonly rateBps: number;
  readonly plannedBps: number;
}

/** Of everybody who is there at the end. The plan is made from their uploads alone: nothing of it runs before. */
export function compareRates(run: Pick<RunRecord, 'scenario' | 'present' | 'reports'>): SourceRate[] {
  const reports = lastReports(run);
  const peers = run.scenario.peers.flatMap(({ id, bitrate, lendBps }): PlanPeer[] => {
    const report = run.present.includes(id) ? reports.get(id) : undefined;
    if (report === undefined) return [];
    const { compatible, uploadBps } = report;
    return [{ id, compatible, uploadBps, source: bitrate, ...(lendBps !== undefined && { lendBps }) }];
  });
  const { rates } = planRoom({ headroom: HEADROOM, peers });
  return peers.map(({ id }) => ({
    source: id,
    rateBps: reports.get(id)?.rateBps ?? 0,
    plannedBps: rates[id] ?? 0,
  }));
}
