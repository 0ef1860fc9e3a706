/** How often arrivals are reported: often enough for whoever measures its uplink, and at a price that ours does not feel. */

const LEAST_MS = 50;
const MOST_MS = 200;
/** Of our own upload. */
const SHARE = 0.02;

/** What reporting costs, in bytes on the wire. */
export interface ReportCost {
  /** Of one report to all that get one: headers, and what stands in front of each stream. */
  readonly perReport: number;
  /** Of telling once of each packet that comes, in a ms. */
  readonly perMs: number;
}

export interface ReportPlan {
  /** How long to wait until the next report, in ms. */
  readonly intervalMs: number;
  /** Whether each packet is told in two reports, since the network loses reports too. */
  readonly again: boolean;
}

/** @param uploadBps what our own uplink carries, bit/s; 0: not known */
export function planReports({ perReport, perMs }: ReportCost, uploadBps: number): ReportPlan {
  if (uploadBps <= 0) return { intervalMs: LEAST_MS, again: true };
  const allowedPerMs = (SHARE * uploadBps) / 8 / 1000;
  const twice = intervalMs(perReport, allowedPerMs - 2 * perMs);
  if (twice <= MOST_MS) return { intervalMs: Math.max(LEAST_MS, twice), again: true };
  const once = intervalMs(perReport, allowedPerMs - perMs);
  return { intervalMs: Math.min(MOST_MS, Math.max(LEAST_MS, once)), again: false };
}

function intervalMs(perReport: number, leftPerMs: number): number {
  return leftPerMs <= 0 ? Number.POSITIVE_INFINITY : perReport / leftPerMs;
}
