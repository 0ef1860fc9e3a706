/**
 * Receiver estimated maximum bitrate as bytes: how much a receiver lets a sender send (draft-alvestrand-rmcat-remb-03 section 2.2).
 *
 * ```
 *  0                   1                   2                   3
 * |V=2|P| FMT=15  |   PT=206      |          length               |
 * |                 SSRC of who asks                              |
 * |                 0                                             |
 * |                 "REMB"                                        |
 * |  number of SSRC | exponent (6)  |  mantissa (18)              |
 * |                 SSRCs                                         |
 * ```
 */

const VERSION_2 = 0x80;
const APPLICATION_LAYER_FEEDBACK = 15;
const PAYLOAD_FEEDBACK = 206;
const NAME = 0x5245_4d42; // "REMB"
const HEAD_BYTES = 20;
const MANTISSA_BITS = 18;

/** That `sender` takes `bps` bit/s at most, of these streams together: at most 255 of them. */
export function writeBandwidthEstimate(sender: number, bps: number, ssrcs: readonly number[]): Uint8Array {
  const packet = new Uint8Array(HEAD_BYTES + 4 * ssrcs.length);
  const view = new DataView(packet.buffer);
  const exponent = Math.max(0, Math.floor(Math.log2(Math.max(1, bps))) + 1 - MANTISSA_BITS);
  const mantissa = Math.floor(bps / 2 ** exponent);
  view.setUint8(0, VERSION_2 | APPLICATION_LAYER_FEEDBACK);
  view.setUint8(1, PAYLOAD_FEEDBACK);
  view.setUint16(2, packet.length / 4 - 1);
  view.setUint32(4, sender);
  view.setUint32(12, NAME);
  view.setUint32(16, ssrcs.length * 2 ** 24 + exponent * 2 ** MANTISSA_BITS + mantissa);
  ssrcs.forEach((ssrc, index) => {
    view.setUint32(HEAD_BYTES + 4 * index, ssrc);
  });
  return packet;
}
