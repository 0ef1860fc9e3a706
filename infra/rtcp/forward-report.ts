/**
 * What a forwarder tells whoever sends through it: for each of its streams an RTCP APP packet (RFC 3550 section 6.7, in datagrams
 * of nothing else, as RFC 5506 allows) with the newest packet it has of that. It proves that the forwarder lives, and how far it
 * has come.
 *
 * ```
 *  0                   1                   2                   3
 * |V=2|P| subtype |   PT=204      |          length = 4           |
 * |                 SSRC of the forwarder                         |
 * |                  name: "RPRf"                                 |
 * |                 SSRC of the stream                            |
 * |1 if it has any|   reserved    |  newest sequence number       |
 * ```
 */
import { isApp, writeAppHead } from './app-packet.ts';
import { packetsOf } from './compound.ts';

const NAME = 0x5250_5266; // "RPRf"
const FORWARD_REPORT_BYTES = 20;

export interface ForwardReport {
  readonly forwarderSsrc: number;
  readonly streamSsrc: number;
  /** Wire sequence number (16 bits) of the newest packet; undefined where none has come. */
  readonly newest: number | undefined;
}

/** The reports as one datagram. */
export function writeForwardReports(reports: readonly ForwardReport[]): Uint8Array {
  const datagram = new Uint8Array(FORWARD_REPORT_BYTES * reports.length);
  reports.forEach(({ forwarderSsrc, streamSsrc, newest }, index) => {
    const view = new DataView(datagram.buffer, FORWARD_REPORT_BYTES * index, FORWARD_REPORT_BYTES);
    writeAppHead(view, forwarderSsrc, NAME);
    view.setUint32(12, streamSsrc);
    view.setUint16(16, newest === undefined ? 0 : 0x0100);
    view.setUint16(18, (newest ?? 0) & 0xffff);
  });
  return datagram;
}

/** The reports in a datagram; packets of it that are something else are passed over. */
export function readForwardReports(datagram: Uint8Array): ForwardReport[] {
  return [...packetsOf(datagram)].flatMap((packet) => {
    if (packet.length !== FORWARD_REPORT_BYTES) return [];
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    if (!isApp(view, NAME)) return [];
    return [
      {
        forwarderSsrc: view.getUint32(4),
        streamSsrc: view.getUint32(12),
        newest: view.getUint8(16) === 0 ? undefined : view.getUint16(18),
      },
    ];
  });
}
