/** One look at one forwarder under one load, and whether it can be believed. */

import type { Forwarder } from './forwarders/variants.ts';
import { type Load, type Pace, paceOf, RECEIVERS } from './loads.ts';
import type { Passage, Traffic } from './traffic.ts';

/** Before each measurement, so that what it meets is warm, in ms. */
const WARM_UP_MS = 100;

/** Of what was due, the sender must have sent this much, and no more than that of its bursts late. */
const SENT_SHARE = 0.98;
const MOST_LATE_SHARE = 0.02;
/** Of what a forwarder sent, the receivers may have lost this much. */
const MOST_OVERFLOWED_SHARE = 1e-3;
/** Of the time, other programs may have kept a forwarder from its core so long. */
const MOST_WAITED_SHARE = 0.05;
/** Under saturation more: a forwarder's own threads, as those that collect garbage, then keep each other waiting. */
const MOST_WAITED_SATURATED_SHARE = 0.2;
/** A saturated forwarder is at work all the time, but for what the system takes. */
const SATURATED_SHARE = 0.9;
/** At loads that it should carry, a forwarder may lose this much; beyond that it is not what it costs to forward them. */
const MOST_LOST_SHARE = 0.01;

export interface Measurement {
  /** Of all threads, for each packet that left. */
  readonly cpuUsPerPacket: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Why this is not what it says, or null. */
  readonly fault: string | null;
}

export function measure(forwarder: Forwarder, traffic: Traffic, load: Load, ms: number): Measurement {
  const pace = paceOf(load);
  traffic.run(forwarder.port, pace, WARM_UP_MS);
  const { passage, cpuUs, waitedUs } = observe(forwarder, traffic, pace, ms);
  const isSaturated = load === 'saturation';
  const wallUs = 1000 * passage.elapsedMs;
  const { arrived, overflowed, sent, p50Us, p99Us } = passage;
  const faults = [
    senderFault(passage),
    receiversFault(passage),
    isMore(
      waitedUs / wallUs,
      isSaturated ? MOST_WAITED_SATURATED_SHARE : MOST_WAITED_SHARE,
      "other programs had the forwarder's core for",
    ),
    isSaturated && cpuUs < SATURATED_SHARE * wallUs
      ? `the sender kept it busy for only ${percent(cpuUs / wallUs)} of the time`
      : null,
    isSaturated ? null : isMore(1 - arrived / (sent * RECEIVERS), MOST_LOST_SHARE, 'it lost'),
  ];
  // What was lost at the receivers' doors has been forwarded all the same.
  const cpuUsPerPacket = cpuUs / (arrived + overflowed);
  return { cpuUsPerPacket, p50Us, p99Us, fault: faults.find((fault) => fault !== null) ?? null };
}

/** Sends, and reads what it cost meanwhile. */
export function observe(forwarder: Forwarder, traffic: Traffic, pace: Pace, ms: number) {
  const before = forwarder.times();
  const passage = traffic.run(forwarder.port, pace, ms);
  const after = forwarder.times();
  return { passage, cpuUs: after.cpuUs - before.cpuUs, waitedUs: after.waitedUs - before.waitedUs };
}

/** Whether the sender managed the rate, if not the rhythm. */
export function isSent({ due, sent }: Passage): boolean {
  return sent >= SENT_SHARE * due;
}

/** Why the packets did not go out as they should have, or null. */
export function senderFault(passage: Passage): string | null {
  if (!isSent(passage)) return `the sender managed only ${percent(passage.sent / passage.due)} of the packets`;
  return isMore(passage.lateShare, MOST_LATE_SHARE, 'the sender was kept from its work: late were');
}

/** Why the packets that came back were not all counted, or null. */
export function receiversFault({ arrived, overflowed }: Passage): string | null {
  return isMore(overflowed / (arrived + overflowed), MOST_OVERFLOWED_SHARE, 'the receivers did not keep up and lost');
}

function isMore(share: number, most: number, what: string): string | null {
  return share > most ? `${what} ${percent(share)}` : null;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}
