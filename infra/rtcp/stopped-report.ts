/**
 * What a receiver tells a stream's owner when the stream has stopped: how far it has come with it, and for how long nothing has come. An
 * RTCP APP packet (RFC 3550 section 6.7) for each stream, in datagrams of nothing else, as RFC 5506 allows.
 *
 * ```
 *  0                   1                   2                   3
 * |V=2|P| subtype |   PT=204      |          length = 4           |
 * |                 SSRC of the receiver                          |
 * |                  name: "RPRq"                                 |
 * |                 SSRC of the stream                            |
 * |    newest sequence number     |  ms since anything of it came |
 * ```
 */
import { isApp, writeAppHead } from './app-packet.ts';
import { packetsOf } from './compound.ts';

const NAME = 0x5250_5271; // "RPRq"
const BYTES = 20;
const MOST_MS = 0xffff;

export interface ReceptionOfStream {
  readonly ssrc: number;
  /** Wire sequence number (16 bits) of the newest packet. */
  readonly newest: number;
  /** For so long nothing has come, up to a minute. */
  readonly quietMs: number;
}

/** All of them as one datagram. */
export function writeStoppedReport(receiverSsrc: number, streams: readonly ReceptionOfStream[]): Uint8Array {
  const datagram = new Uint8Array(BYTES * streams.length);
  streams.forEach(({ ssrc, newest, quietMs }, index) => {
    const view = new DataView(datagram.buffer, BYTES * index, BYTES);
    writeAppHead(view, receiverSsrc, NAME);
    view.setUint32(12, ssrc);
    view.setUint16(16, newest & 0xffff);
    view.setUint16(18, Math.min(MOST_MS, quietMs));
  });
  return datagram;
}

/** Those in a datagram, so many at most; packets of it that are something else are passed over. */
export function readStoppedReport(datagram: Uint8Array, most: number): ReceptionOfStream[] {
  const found: ReceptionOfStream[] = [];
  for (const packet of packetsOf(datagram)) {
    if (packet.length !== BYTES) continue;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    if (!isApp(view, NAME)) continue;
    found.push({ ssrc: view.getUint32(12), newest: view.getUint16(16), quietMs: view.getUint16(18) });
    if (found.length >= most) break;
  }
  return found;
}
