/**
 * What a forwarder tells whoever sends through it: an RTCP APP packet (RFC 3550 section 6.7, sent alone as RFC 5506 allows)
 * with the newest packet it has of a source. It proves that the forwarder lives, and how far it has come.
 *
 * ```
 *  0                   1                   2                   3
 * |V=2|P| subtype |   PT=204      |          length = 4           |
 * |                 SSRC of the forwarder                         |
 * |                  name: "RPRf"                                 |
 * |                 SSRC of the source                            |
 * |1 if it has any|   reserved    |  newest sequence number       |
 * ```
 */

/** RTCP payload type of an application-defined packet. */
const APP = 204;
const VERSION_2 = 0x80;
const NAME = 0x5250_5266; // "RPRf"
export const FORWARD_REPORT_BYTES = 20;

export interface ForwardReport {
  readonly forwarderSsrc: number;
  readonly sourceSsrc: number;
  /** Wire sequence number (16 bits) of the newest packet; undefined where none has come. */
  readonly newest: number | undefined;
}

/** Write a report into `into` (at least {@link FORWARD_REPORT_BYTES} bytes); returns that part of it. */
export function writeForwardReport(into: Uint8Array, { forwarderSsrc, sourceSsrc, newest }: ForwardReport): Uint8Array {
  const view = new DataView(into.buffer, into.byteOffset, FORWARD_REPORT_BYTES);
  view.setUint8(0, VERSION_2);
  view.setUint8(1, APP);
  view.setUint16(2, FORWARD_REPORT_BYTES / 4 - 1);
  view.setUint32(4, forwarderSsrc);
  view.setUint32(8, NAME);
  view.setUint32(12, sourceSsrc);
  view.setUint16(16, newest === undefined ? 0 : 0x0100);
  view.setUint16(18, (newest ?? 0) & 0xffff);
  return into.subarray(0, FORWARD_REPORT_BYTES);
}

/** Read a report, or undefined where the packet is something else. */
export function readForwardReport(packet: Uint8Array): ForwardReport | undefined {
  if (packet.length !== FORWARD_REPORT_BYTES) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  if (view.getUint8(0) !== VERSION_2 || view.getUint8(1) !== APP || view.getUint32(8) !== NAME) return undefined;
  return {
    forwarderSsrc: view.getUint32(4),
    sourceSsrc: view.getUint32(12),
    newest: view.getUint8(16) === 0 ? undefined : view.getUint16(18),
  };
}
