/** How far voice and camera of one program are apart where a player goes by sender reports (RFC 3550 section 6.4.1). */

const PERCENTILE = 0.95;

/** The newest sender report of a stream: one moment, by two clocks. */
export interface Report {
  /** In ms since the Unix epoch. */
  readonly unixMs: number;
  readonly rtpTimestamp: number;
}

/** When a player that has this report takes a packet to have been recorded, in ms by the reports' clock. */
export function momentOf(rtpTimestamp: number, report: Report, clockRate: number): number {
  return report.unixMs + (1000 * ((rtpTimestamp - report.rtpTimestamp) | 0)) / clockRate;
}

/** A packet of one of the two, as it came. */
export interface Played {
  readonly of: 'voice' | 'camera';
  /** When the player takes it to have been recorded, and when it was, in ms. Each by one clock for voice and camera. */
  readonly momentMs: number;
  readonly capturedMs: number;
}

/**
 * How much too early or too late each packet of the camera is shown against the newest of the voice: all that is before the first of
 * either does not count. The 95th percentile, in ms.
 *
 * @param packets in the order in which they came
 * @throws {RangeError} where the two never came together
 */
export function skewOf(packets: readonly Played[]): number {
  const skews: number[] = [];
  let voiceMs: number | undefined;
  for (const { of, momentMs, capturedMs } of packets) {
    const lateMs = momentMs - capturedMs;
    if (of === 'voice') voiceMs = lateMs;
    else if (voiceMs !== undefined) skews.push(Math.abs(lateMs - voiceMs));
  }
  if (skews.length === 0) throw new RangeError('Voice and camera never came together.');
  const sorted = skews.sort((a, b) => a - b);
  return sorted[Math.ceil(PERCENTILE * sorted.length) - 1] ?? Number.NaN;
}
