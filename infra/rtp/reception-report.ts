/** RTCP sender and receiver reports as bytes (RFC 3550 sections 6.4.1 and 6.4.2), without profile-specific extensions. */

const VERSION_2 = 0x80;
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
}

/** What a report says of an own stream. */
export interface SenderInfo {
  /** Milliseconds since the Unix epoch, and the same moment in ticks of the RTP timestamp. */
  readonly unixMs: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly bytes: number;
}

/** Seconds from the NTP epoch (1900) to the Unix epoch (1970). */
const NTP_OFFSET_S = 2_208_988_800;

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

function writeSenderInfo(view: DataView, { unixMs, rtpTimestamp, packets, bytes }: SenderInfo): void {
  view.setUint32(8, Math.floor(unixMs / 1000) + NTP_OFFSET_S);
  view.setUint32(12, Math.floor(((unixMs % 1000) / 1000) * 2 ** 32));
  view.setUint32(16, rtpTimestamp);
  view.setUint32(20, packets);
  view.setUint32(24, bytes);
}

/** Jitter, and the sender report that it answers, are not told: nobody here reads them. */
function writeBlock(
  view: DataView,
  at: number,
  { ssrc, fractionLost, packetsLost, highestSequence }: ReportBlock,
): void {
  view.setUint32(at, ssrc);
  view.setUint32(at + 4, packetsLost & 0xff_ffff);
  view.setUint8(at + 4, fractionLost);
  view.setUint32(at + 8, highestSequence);
}
