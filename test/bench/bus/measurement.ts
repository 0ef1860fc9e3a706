/** What a room of so many costs the bus: at rest, for one that joins, and when all come back after an outage. */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type NatsServer, startNatsServer } from '../../../infra/nats/server.ts';
import type { Kind } from '../../../machines/messages.ts';
import { beatIntervalMs, DELAYS } from '../../../machines/timers.ts';
import { median } from '../median.ts';
import type { Report } from './contract.ts';
import { Hosts } from './hosts.ts';

/** When nobody has said anything but beats for so long, all is said: longer than the slowest review of a plan. In ms. */
const QUIET_MS = 3 * DELAYS.planReviewLatest;
const LOOK_MS = 500;
/** A room that is not at rest by then never is. In ms. */
const RESTLESS_MS = 600_000;
/** How long the server is away: longer than a small room's members may be silent. In ms. */
const OUTAGE_MS = 5000;
/** At rest everybody beats so often, at least: those who joined at once beat at once. */
const LEAST_BEATS = 3;

export interface BusRow {
  readonly peers: number;
  /** Payload that the server has taken and given, at rest. */
  readonly restBytesPerS: number;
  readonly restMessagesPerS: number;
  /** Published by all from one peer's join until all is said, beats aside; the median of several joins. */
  readonly joinMessages: number;
  /** Published by all from the server's return until all is said, and one beat of each. */
  readonly returnMessages: number;
  readonly cpuMsPerPeerPerS: number;
}

export interface MeasureOptions {
  readonly peers: number;
  readonly processes: number;
  /** At rest, at least. */
  readonly seconds: number;
  readonly joins: number;
  /** Takes one line of progress. */
  readonly say: (line: string) => void;
}

export async function measureBus({ peers, processes, seconds, joins, say }: MeasureOptions): Promise<BusRow> {
  await using server = await startNatsServer();
  await using hosts = await Hosts.start(server.url, peers, Math.min(peers, processes));
  await fill(hosts, peers - 1, say);
  const joinCounts: number[] = [];
  for (let join = 0; join < joins; join++) {
    if (join > 0) {
      await hosts.leave([peers - 1]);
      await quiet(hosts, peers - 1);
    }
    const before = await hosts.report();
    await hosts.join([peers - 1]);
    const after = await quiet(hosts, peers);
    joinCounts.push(said(before, after));
    say(`N=${peers}: a join takes ${said(before, after)} messages: ${kindsSaid(before, after)}`);
  }
  const beats = Math.max(LEAST_BEATS, Math.ceil((seconds * 1000) / beatIntervalMs(peers)));
  const rest = await atRest(server, hosts, beats * beatIntervalMs(peers));
  say(
    `N=${peers}: at rest ${(rest.restBytesPerS / 1e6).toFixed(3)} MB/s, ${Math.round(rest.restMessagesPerS)} messages/s, ${rest.cpuMsPerPeerPerS.toFixed(2)} ms CPU a peer a second`,
  );
  const before = await hosts.report();
  await server.stop();
  await delay(OUTAGE_MS);
  // What is published meanwhile reaches nobody.
  const away = await hosts.report();
  await server.start();
  const after = await quiet(hosts, peers);
  const returnMessages = said(away, after) + peers;
  say(`N=${peers}: the return takes ${returnMessages} messages: ${kindsSaid(away, after)}`);
  say(`N=${peers}: ${after.relayedLegs} legs are relayed (${before.relayedLegs} before the outage)`);
  return { peers, ...rest, joinMessages: median(joinCounts), returnMessages };
}

async function fill(hosts: Hosts, peers: number, say: (line: string) => void): Promise<void> {
  await hosts.join(Array.from({ length: peers }, (_, index) => index));
  const { sent, relayedLegs } = await quiet(hosts, peers);
  say(`${peers} have joined with ${total(sent)} messages, and relay ${relayedLegs} legs`);
}

/** Waits until everybody sees everybody and all is said. */
async function quiet(hosts: Hosts, peers: number): Promise<Report> {
  const deadline = performance.now() + RESTLESS_MS;
  let [lastSaid, since] = [-1, performance.now()];
  while (performance.now() < deadline) {
    const report = await hosts.report();
    const saidNow = total(report.sent);
    if (saidNow !== lastSaid || report.leastSeen !== peers || report.connected !== peers) since = performance.now();
    if (performance.now() - since >= QUIET_MS) return report;
    lastSaid = saidNow;
    await delay(LOOK_MS);
  }
  throw new Error(`A room of ${peers} does not come to rest.`);
}

async function atRest(server: NatsServer, hosts: Hosts, ms: number) {
  const [cpuBefore, trafficBefore, since] = [(await hosts.report()).cpuMs, await trafficOf(server), performance.now()];
  // Nobody is asked anything meanwhile: answering costs, too.
  await delay(ms);
  const traffic = await trafficOf(server);
  const elapsedS = (performance.now() - since) / 1000;
  const { cpuMs, joined } = await hosts.report();
  return {
    restBytesPerS: (traffic.bytes - trafficBefore.bytes) / elapsedS,
    restMessagesPerS: (traffic.messages - trafficBefore.messages) / elapsedS,
    cpuMsPerPeerPerS: (cpuMs - cpuBefore) / joined / elapsedS,
  };
}

const varzSchema = z.object({ in_msgs: z.int(), out_msgs: z.int(), in_bytes: z.int(), out_bytes: z.int() });

/** What the server has counted since its start, in and out. */
async function trafficOf({ monitoringUrl }: NatsServer) {
  const varz = varzSchema.parse(await (await fetch(`${monitoringUrl}/varz`)).json());
  return { messages: varz.in_msgs + varz.out_msgs, bytes: varz.in_bytes + varz.out_bytes };
}

/** Messages but for beats. */
function total(sent: Report['sent']): number {
  return Object.entries(sent).reduce((sum, [kind, count]) => (kind === 'beat' ? sum : sum + count), 0);
}

/** One that has joined counts from its first message, one that has left no longer. */
function said(before: Report, after: Report): number {
  return total(after.sent) - total(before.sent);
}

function kindsSaid(before: Report, after: Report): string {
  const counts = (Object.entries(after.sent) as [Kind, number][]).map(
    ([kind, count]) => [kind, count - (before.sent[kind] ?? 0)] as const,
  );
  return counts.flatMap(([kind, count]) => (count === 0 || kind === 'beat' ? [] : [`${count} ${kind}`])).join(', ');
}
