/** What a run of a scenario left behind: everything that the verdict and the report are made from. */
import type { PeerReport } from '../../../actors/call/control.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Scenario } from '../scenario.ts';
import type { PairDelivery, Snapshot } from './delivery.ts';
import type { FrameComparison } from './frames.ts';
import type { PhoneRecord } from './phones.ts';
import type { DecodedPicture } from './pictures.ts';

export interface Departure {
  readonly peer: PeerId;
  readonly how: 'leave' | 'kill';
  /** What was sent from right before it until the room had settled again, among those who stayed. */
  readonly deliveries: readonly PairDelivery[];
  /** The longest time without a packet of the source, at any receiver that stayed, since the departure; ms. */
  readonly gapMs: ReadonlyMap<PeerId, number>;
}

/** An upload that is another one in mid-call. */
export interface Change {
  readonly peer: PeerId;
  readonly uploadBps: number;
  /** What was sent from right before it until the room had settled again. */
  readonly deliveries: readonly PairDelivery[];
}

export interface RunRecord {
  readonly scenario: Scenario;
  /** Length of the settled window. */
  readonly seconds: number;
  /** All reports in the order they came; those of a peer that has gone end with its last one. */
  readonly reports: readonly Snapshot[];
  /** Where the room did not settle in time: what was missing. */
  readonly unsettled: readonly string[];
  readonly departures: readonly Departure[];
  readonly changes: readonly Change[];
  /** The settled window, among those who are there at the end. */
  readonly pairs: readonly PairDelivery[];
  /** Who was there at the end. */
  readonly present: readonly PeerId[];
  readonly frames: FrameComparison | null;
  /** Of the settled window, by pages; null: nobody has one. */
  readonly decoded: readonly DecodedPicture[] | null;
  /** Null: nobody is a phone. */
  readonly phone: PhoneRecord | null;
}

/** The newest report of every peer that ever gave one. */
export function lastReports({ reports }: Pick<RunRecord, 'reports'>): Map<PeerId, PeerReport> {
  return new Map(reports.flatMap((snapshot) => [...snapshot]));
}
