/** RTCP sender and receiver reports as bytes (RFC 3550 sections 6.4.1 and 6.4.2), without profile-specific extensions. */
import { packetsOf } from './compound.ts';
import { ntpWords, shortNtp, unixMsOf } from './ntp.ts';

const VERSION_2 = 0x80;
const COUNT_MASK = 0x1f;
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const HEAD_BYTES = 8;
const SENDER_INFO_BYTES = 20;
const BLOCK_BYTES = 24;

/** What a report says of one stream that is received. */
export interface ReportBlock {
  readonly ssrc: number;
  /** Share of packets lost since the last report, in 256ths: 0..255. */
  readonly fractionLost: number;
  /** Since the beginning: 24 bits, signed. */
  readonly packetsLost: number;
  /** Extended highest sequence number; its low 32 bits are told. */
  readonly highestSequence: number;
  /** Interarrival jitter, in ticks of the RTP timestamp. */
  readonly jitter: number;
  /** The newest sender report of the stream, by the short form of its NTP timestamp; 0: none has come. */
  readonly lastReport: number;
  /** How long ago that came, in 65536ths of a second. */
  readonly delaySinceLastReport: number;
}

/** What a report says of an own stream. */
export interface SenderInfo {
  /** Milliseconds since the Unix epoch, and the same moment in ticks of the RTP timestamp. */
  readonly unixMs: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly bytes: number;
}

/** A sender report as it came. */
export interface ReceivedSenderReport extends SenderInfo {
  readonly ssrc: number;
  /** The short form of its NTP timestamp. */
  readonly shortNtp: number;
  /** All of it: a view of the datagram. */
  readonly report: Uint8Array;
}

/** A report of `ssrc`: a sender report, or, of one that has sent nothing (`sent` is null), a receiver report. At most 31 blocks. */
export function writeReport(ssrc: number, sent: SenderInfo | null, blocks: readonly ReportBlock[]): Uint8Array {
  const blocksAt = HEAD_BYTES + (sent === null ? 0 : SENDER_INFO_BYTES);
  const packet = new Uint8Array(blocksAt + BLOCK_BYTES * blocks.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, VERSION_2 | blocks.length);
  view.setUint8(1, sent === null ? RECEIVER_REPORT : SENDER_REPORT);
  view.setUint16(2, packet.length / 4 - 1);
  view.setUint32(4, ssrc);
  if (sent !== null) writeSenderInfo(view, sent);
  blocks.forEach((block, index) => {
    writeBlock(view, blocksAt + BLOCK_BYTES * index, block);
  });
  return packet;
}

/** Whose report it is. */
export function readReportSsrc(report: Uint8Array): number {
  return new DataView(report.buffer, report.byteOffset, report.length).getUint32(4);
}

/** A copy of a sender report with nothing of what its sender receives: that is no matter to whoever plays the stream. */
export function withoutBlocks(report: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(report.subarray(0, HEAD_BYTES + SENDER_INFO_BYTES));
  copy[0] = VERSION_2;
  new DataView(copy.buffer).setUint16(2, copy.length / 4 - 1);
  return copy;
}

/** Writes another moment into a sender report: the same one by another clock, in milliseconds since the Unix epoch. */
export function writeReportMoment(report: Uint8Array, unixMs: number): void {
  const { seconds, fraction } = ntpWords(unixMs);
  const view = new DataView(report.buffer, report.byteOffset, report.length);
  view.setUint32(HEAD_BYTES, seconds);
  view.setUint32(HEAD_BYTES + 4, fraction);
}

/** The sender reports in a datagram, at most `most` of them; what is malformed ends it. */
export function readSenderReports(datagram: Uint8Array, most: number): ReceivedSenderReport[] {
  const reports: ReceivedSenderReport[] = [];
  for (const report of packetsOf(datagram)) {
    if (reports.length === most) break;
    if (report.length < HEAD_BYTES + SENDER_INFO_BYTES || report[1] !== SENDER_REPORT) continue;
    const view = new DataView(report.buffer, report.byteOffset, report.length);
    const [seconds, fraction] = [view.getUint32(8), view.getUint32(12)];
    reports.push({
      ...{ ssrc: view.getUint32(4), unixMs: unixMsOf(seconds, fraction), shortNtp: shortNtp(seconds, fraction) },
      ...{ rtpTimestamp: view.getUint32(16), packets: view.getUint32(20), bytes: view.getUint32(24), report },
    });
  }
  return reports;
}

/** The report blocks in a datagram, of sender and of receiver reports, at most `most` of them; what is malformed ends it. */
export function readReportBlocks(datagram: Uint8Array, most: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (const packet of packetsOf(datagram)) {
    const type = packet[1];
    if (type !== SENDER_REPORT && type !== RECEIVER_REPORT) continue;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    const blocksAt = HEAD_BYTES + (type === SENDER_REPORT ? SENDER_INFO_BYTES : 0);
    const told = view.getUint8(0) & COUNT_MASK;
    for (let index = 0; index < told; index++) {
      const at = blocksAt + BLOCK_BYTES * index;
      if (at + BLOCK_BYTES > packet.length || blocks.length === most) return blocks;
      blocks.push(readBlock(view, at));
    }
  }
  return blocks;
}

function writeSenderInfo(view: DataView, { unixMs, rtpTimestamp, packets, bytes }: SenderInfo): void {
  const { seconds, fraction } = ntpWords(unixMs);
  view.setUint32(8, seconds);
  view.setUint32(12, fraction);
  view.setUint32(16, rtpTimestamp);
  view.setUint32(20, packets);
  view.setUint32(24, bytes);
}

function writeBlock(view: DataView, at: number, block: ReportBlock): void {
  view.setUint32(at, block.ssrc);
  view.setUint32(at + 4, block.packetsLost & 0xff_ffff);
  view.setUint8(at + 4, block.fractionLost);
  view.setUint32(at + 8, block.highestSequence);
  view.setUint32(at + 12, block.jitter);
  view.setUint32(at + 16, block.lastReport);
  view.setUint32(at + 20, block.delaySinceLastReport);
}

function readBlock(view: DataView, at: number): ReportBlock {
  return {
    ssrc: view.getUint32(at),
    fractionLost: view.getUint8(at + 4),
    // Shifted up and down again for its sign.
    packetsLost: (view.getUint32(at + 4) << 8) >> 8,
    highestSequence: view.getUint32(at + 8),
    jitter: view.getUint32(at + 12),
    lastReport: view.getUint32(at + 16),
    delaySinceLastReport: view.getUint32(at + 20),
  };
}
