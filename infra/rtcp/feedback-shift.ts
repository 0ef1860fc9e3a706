/**
 * RTCP that a receiver sends about a stream, made to speak of the source as it was before its SSRC and its sequence numbers were
 * changed on the way: report blocks (RFC 3550 section 6.4), NACK, PLI (RFC 4585 sections 6.2.1 and 6.3.1) and FIR (RFC 5104
 * section 4.3.1). What speaks of other streams, and all other RTCP, stays as it is.
 */
import { packetsOf } from './compound.ts';

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
/** Transport layer and payload-specific feedback (RFC 4585 section 6.1). */
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const NACK = 1;
const FULL_INTRA_REQUEST = 4;

const SENDER_REPORT_BLOCKS_AT = 28;
const RECEIVER_REPORT_BLOCKS_AT = 8;
const BLOCK_BYTES = 24;
const HIGHEST_SEQUENCE_AT = 8;
const MEDIA_SSRC_AT = 8;
const FEEDBACK_ENTRIES_AT = 12;
const NACK_ENTRY_BYTES = 4;
const FULL_INTRA_ENTRY_BYTES = 8;

/** From what a source sends to what its receiver sees of it. */
export interface SourceShift {
  /** The source's SSRC, and the one that the receiver sees. */
  readonly source: number;
  readonly shown: number;
  /** What was added to the source's 16-bit sequence numbers. */
  readonly sequence: number;
}

/** Changes a datagram of RTCP packets in place. */
export function shiftFeedback(datagram: Uint8Array, shift: SourceShift): void {
  for (const packet of packetsOf(datagram)) {
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    const format = view.getUint8(0) & 0x1f;
    const type = view.getUint8(1);
    if (type === SENDER_REPORT) shiftBlocks(view, SENDER_REPORT_BLOCKS_AT, format, shift);
    else if (type === RECEIVER_REPORT) shiftBlocks(view, RECEIVER_REPORT_BLOCKS_AT, format, shift);
    else if (type === TRANSPORT_FEEDBACK || type === PAYLOAD_FEEDBACK) shiftRequest(view, type, format, shift);
  }
}

function shiftBlocks(view: DataView, from: number, count: number, { source, shown, sequence }: SourceShift): void {
  const end = Math.min(view.byteLength, from + BLOCK_BYTES * count);
  for (let at = from; at + BLOCK_BYTES <= end; at += BLOCK_BYTES) {
    if (view.getUint32(at) !== shown) continue;
    view.setUint32(at, source);
    view.setUint32(at + HIGHEST_SEQUENCE_AT, view.getUint32(at + HIGHEST_SEQUENCE_AT) - sequence);
  }
}

function shiftRequest(view: DataView, type: number, format: number, shift: SourceShift): void {
  if (view.byteLength < FEEDBACK_ENTRIES_AT) return;
  if (type === PAYLOAD_FEEDBACK && format === FULL_INTRA_REQUEST) shiftFullIntraRequest(view, shift);
  if (view.getUint32(MEDIA_SSRC_AT) !== shift.shown) return;
  view.setUint32(MEDIA_SSRC_AT, shift.source);
  if (type === TRANSPORT_FEEDBACK && format === NACK) shiftNack(view, shift);
}

function shiftNack(view: DataView, { sequence }: SourceShift): void {
  for (let at = FEEDBACK_ENTRIES_AT; at + NACK_ENTRY_BYTES <= view.byteLength; at += NACK_ENTRY_BYTES) {
    view.setUint16(at, view.getUint16(at) - sequence);
  }
}

/** It names its streams in its entries. */
function shiftFullIntraRequest(view: DataView, { source, shown }: SourceShift): void {
  for (let at = FEEDBACK_ENTRIES_AT; at + FULL_INTRA_ENTRY_BYTES <= view.byteLength; at += FULL_INTRA_ENTRY_BYTES) {
    if (view.getUint32(at) === shown) view.setUint32(at, source);
  }
}
