/** Sends what a peer reports on the media path: to clients how far it has come with their streams, to members what was sent and got. */
import { endpointText } from '../infra/path/addresses.ts';
import type { Endpoint, PacketPath, SsrcCounters } from '../infra/path/contract.ts';
import { type ForwardReport, writeForwardReports } from '../infra/rtp/forward-report.ts';
import { readTimestamp } from '../infra/rtp/header.ts';
import type { ReportBlock } from '../infra/rtp/reception-report.ts';
import { wireSequence } from '../infra/rtp/sequence.ts';
import type { StreamInfo, StreamName } from '../machines/messages.ts';
import type { TransportTable } from '../machines/ports.ts';
import { type Reception, receiverReport, receptionOf, reportBlock, type SentSoFar, senderReport } from './reports.ts';

export interface ReporterOptions {
  readonly path: PacketPath;
  /** Ticks of the RTP timestamp in a second, by own stream. */
  readonly clockRates: ReadonlyMap<StreamName, number>;
}

export class Reporter {
  readonly #options: ReporterOptions;
  readonly #sent = new Map<StreamName, SentSoFar>();
  /** By SSRC, up to the last report. */
  readonly #received = new Map<number, Reception>();

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Forgets the streams that are no longer in the table. */
  follow({ members }: TransportTable): void {
    const known = new Set(members.flatMap(({ streams }) => streams.map(({ ssrc }) => ssrc)));
    for (const ssrc of this.#received.keys()) if (!known.has(ssrc)) this.#received.delete(ssrc);
  }

  /** A packet of an own stream has been sent. Cheap enough to be called for every packet. */
  sent(stream: StreamName, packet: Uint8Array): void {
    let sent = this.#sent.get(stream);
    if (sent === undefined) {
      sent = { packets: 0, bytes: 0, timestamp: 0, atMs: 0 };
      this.#sent.set(stream, sent);
    }
    sent.packets += 1;
    sent.bytes += packet.length;
    sent.timestamp = readTimestamp(packet);
    sent.atMs = Date.now();
  }

  /** One datagram to each client, with a report for each of its streams. */
  toClients({ own, relayed }: TransportTable): void {
    const { path } = this.#options;
    const clients = new Map<string, { readonly to: Endpoint; readonly reports: ForwardReport[] }>();
    for (const { ssrc, upstream } of relayed) {
      const newest = newestOf(path.ssrcCounters(ssrc));
      const client = clients.get(endpointText(upstream)) ?? { to: upstream, reports: [] };
      client.reports.push({ forwarderSsrc: ssrcOf(own), streamSsrc: ssrc, newest });
      clients.set(endpointText(upstream), client);
    }
    for (const { to, reports } of clients.values()) path.sendTo(writeForwardReports(reports), to);
  }

  /** One datagram to each member: sender reports of the own streams, and what has come of the member's. */
  toMembers({ own, members }: TransportTable): void {
    const nowMs = Date.now();
    for (const { address, streams } of members) {
      const blocks = streams.flatMap((stream) => this.#blocksOn(stream));
      this.#options.path.sendTo(this.#reportOf(own, blocks, nowMs), address);
    }
  }

  #blocksOn({ ssrc }: StreamInfo): ReportBlock[] {
    const counters = this.#options.path.ssrcCounters(ssrc);
    if (counters === undefined || counters.deliveredPackets === 0) return [];
    const block = reportBlock(ssrc, counters, this.#received.get(ssrc) ?? { expected: 0, received: 0 });
    this.#received.set(ssrc, receptionOf(counters));
    return [block];
  }

  /** A sender report of each own stream that has begun; what has come stands in the first, or in a receiver report. */
  #reportOf(own: TransportTable['own'], blocks: readonly ReportBlock[], nowMs: number): Uint8Array {
    const begun = own.flatMap(({ stream, ssrc }) => {
      const sent = this.#sent.get(stream);
      const clockRate = this.#options.clockRates.get(stream);
      return sent === undefined || clockRate === undefined ? [] : [{ ssrc, clockRate, sent }];
    });
    if (begun.length === 0) return receiverReport(ssrcOf(own), blocks);
    return Buffer.concat(
      begun.map(({ ssrc, clockRate, sent }, index) =>
        senderReport(ssrc, clockRate, sent, nowMs, index === 0 ? blocks : []),
      ),
    );
  }
}

/** Before the first packet there is none, though the counters name one below the first. */
function newestOf(counters: SsrcCounters | undefined): number | undefined {
  if (counters === undefined || counters.highestSequence < counters.firstSequence) return undefined;
  return wireSequence(counters.highestSequence);
}

/** Under which SSRC a peer reports: that of its first stream, or 0 where it shows nothing. */
function ssrcOf(own: TransportTable['own']): number {
  return own[0]?.ssrc ?? 0;
}
