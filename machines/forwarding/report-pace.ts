/** How often a relay reports to its clients: as often as `reportInterval`, but for a small upload. Pure. */
import type { RelayedRoute } from '../ports.ts';
import { DELAYS } from '../timers.ts';

/** Of the upload, what reports may cost: with the feedback on what comes they stay within a fiftieth. */
const SHARE = 0.01;
/** With the headers of UDP and IPv4, and for each stream, in bit. */
const DATAGRAM_BITS = 8 * 28;
const STREAM_BITS = 8 * 20;
/** Clients that hear a relay no oftener than this still know within `relaySilence` that it is gone. In ms. */
const SLOWEST_MS = 50;

/** From one report to the next, in ms, of a relay that has this upload and forwards these streams. */
export function reportEveryMs(relayed: readonly Pick<RelayedRoute, 'client'>[], uploadBps: number): number {
  const clients = new Set(relayed.map(({ client }) => client));
  const bits = clients.size * DATAGRAM_BITS + relayed.length * STREAM_BITS;
  const affordableMs = Math.ceil((1000 * bits) / (SHARE * Math.max(1, uploadBps)));
  return Math.min(SLOWEST_MS, Math.max(DELAYS.reportInterval, affordableMs));
}
