/** The rates that streams run at beside those that the room's plan gives them. All rates are bit/s. */
import { formatRate } from '../../../infra/units/rate.ts';
import type { PeerId, StreamName } from '../../../machines/messages.ts';
import { type PlanPeer, planRoom } from '../../../machines/plan.ts';
import { streamsOf } from '../scenario.ts';
import { lastReports, type RunRecord } from './record.ts';

/** What peers use of their upload unless `--headroom` says otherwise, in percent. */
const DEFAULT_HEADROOM = 95;
/** How far a rate may be from the planned one: what the order of joins leaves of an older, nearly as good plan. */
const RATE_TOLERANCE = 0.03;

export interface StreamRate {
  readonly source: PeerId;
  readonly stream: StreamName;
  readonly rateBps: number;
  readonly plannedBps: number;
}

/** Of everybody who is there at the end. The plan is made from their uploads alone: nothing of it runs before. */
export function compareRates(run: Pick<RunRecord, 'scenario' | 'present' | 'reports'>): StreamRate[] {
  const reports = lastReports(run);
  const peers = run.scenario.peers.flatMap((spec): PlanPeer[] => {
    const { id, lendBps, headroom = DEFAULT_HEADROOM } = spec;
    const report = run.present.includes(id) ? reports.get(id) : undefined;
    if (report === undefined) return [];
    const { compatible, uploadBps } = report;
    const usableBps = (uploadBps * headroom) / 100;
    const streams = streamsOf(spec).map(({ name, media, bitrate }) => ({ name, media, ...bitrate }));
    return [{ id, compatible, uploadBps: usableBps, streams, ...(lendBps !== undefined && { lendBps }) }];
  });
  const { rates } = planRoom({ headroom: 1, peers });
  return peers.flatMap(({ id, streams = [] }) =>
    streams.map(({ name }) => ({
      source: id,
      stream: name,
      rateBps: reports.get(id)?.streams.find(({ stream }) => stream === name)?.rateBps ?? 0,
      plannedBps: rates[`${id}/${name}`] ?? 0,
    })),
  );
}

/** How far a rate is from the planned one, as a part of this. */
export function deviation({ rateBps, plannedBps }: StreamRate): number {
  return Math.abs(rateBps - plannedBps) / plannedBps;
}

/** The streams that do not run at the rate that the plan gives them, in words. */
export function offPlan(rates: readonly StreamRate[]): string[] {
  return rates
    .filter((rate) => !(deviation(rate) <= RATE_TOLERANCE))
    .map(
      ({ source, stream, rateBps, plannedBps }) =>
        `${source}/${stream} runs at ${formatRate(rateBps)} instead of ${formatRate(plannedBps)}`,
    );
}
