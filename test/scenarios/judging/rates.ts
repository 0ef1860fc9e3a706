/** The rates that sources run at beside those that the room's plan gives them. All rates are bit/s. */
import { formatRate } from '../../../infra/units/rate.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { type PlanPeer, planRoom } from '../../../machines/plan.ts';
import { lastReports, type RunRecord } from './record.ts';

/** What peers use of their upload unless `--headroom` says otherwise, in percent. */
const DEFAULT_HEADROOM = 95;
/** How far a rate may be from the planned one: what the order of joins leaves of an older, nearly as good plan. */
const RATE_TOLERANCE = 0.03;

/** What every peer of a scenario sends. */
const STREAM = { name: 'camera', media: 'video' } as const;

export interface SourceRate {
  readonly source: PeerId;
  readonly rateBps: number;
  readonly plannedBps: number;
}

/** Of everybody who is there at the end. The plan is made from their uploads alone: nothing of it runs before. */
export function compareRates(run: Pick<RunRecord, 'scenario' | 'present' | 'reports'>): SourceRate[] {
  const reports = lastReports(run);
  const peers = run.scenario.peers.flatMap(({ id, bitrate, lendBps, headroom = DEFAULT_HEADROOM }): PlanPeer[] => {
    const report = run.present.includes(id) ? reports.get(id) : undefined;
    if (report === undefined) return [];
    const { compatible, uploadBps } = report;
    const usableBps = (uploadBps * headroom) / 100;
    return [
      {
        id,
        compatible,
        uploadBps: usableBps,
        streams: [{ ...STREAM, ...bitrate }],
        ...(lendBps !== undefined && { lendBps }),
      },
    ];
  });
  const { rates } = planRoom({ headroom: 1, peers });
  return peers.map(({ id }) => ({
    source: id,
    rateBps: reports.get(id)?.rateBps ?? 0,
    plannedBps: rates[`${id}/${STREAM.name}`] ?? 0,
  }));
}

/** How far a rate is from the planned one, as a part of this. */
export function deviation({ rateBps, plannedBps }: SourceRate): number {
  return Math.abs(rateBps - plannedBps) / plannedBps;
}

/** The sources that do not run at the rate that the plan gives them, in words. */
export function offPlan(rates: readonly SourceRate[]): string[] {
  return rates
    .filter((rate) => !(deviation(rate) <= RATE_TOLERANCE))
    .map(
      ({ source, rateBps, plannedBps }) =>
        `${source} runs at ${formatRate(rateBps)} instead of ${formatRate(plannedBps)}`,
    );
}
