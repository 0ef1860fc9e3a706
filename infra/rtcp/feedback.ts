/**
 * Requests for a key frame as bytes: picture loss indication (RFC 4585 section 6.3.1), full intra request (RFC 5104 section
 * 4.3.1), and the request of the same name that older phones send (RFC 2032 section 5.2.1).
 */
import { packetsOf } from './compound.ts';

const VERSION_2 = 0x80;
const FORMAT_MASK = 0x1f;
const OLD_FULL_INTRA = 192;
const PAYLOAD_FEEDBACK = 206;
const PICTURE_LOSS = 1;
const FULL_INTRA = 4;
const PICTURE_LOSS_BYTES = 12;
/** Header, sender's SSRC and media SSRC; then an entry for each stream. */
const FULL_INTRA_HEAD_BYTES = 12;
const FULL_INTRA_ENTRY_BYTES = 8;

/** Somebody wants a key frame of a stream. */
export interface KeyFrameRequest {
  readonly ssrc: number;
  /** Of a full intra request: another number is another request, the same one that request again. Null: each is one. */
  readonly number: number | null;
}

/** A picture loss indication of `sender` on the stream `ssrc`. */
export function writePictureLoss(sender: number, ssrc: number): Uint8Array {
  const packet = new Uint8Array(PICTURE_LOSS_BYTES);
  const view = new DataView(packet.buffer);
  view.setUint8(0, VERSION_2 | PICTURE_LOSS);
  view.setUint8(1, PAYLOAD_FEEDBACK);
  view.setUint16(2, PICTURE_LOSS_BYTES / 4 - 1);
  view.setUint32(4, sender);
  view.setUint32(8, ssrc);
  return packet;
}

/** A full intra request of `sender` on the stream `ssrc`. @param number of the request, 0 to 255: the same number is the same request */
export function writeFullIntra(sender: number, ssrc: number, number: number): Uint8Array {
  const packet = new Uint8Array(FULL_INTRA_HEAD_BYTES + FULL_INTRA_ENTRY_BYTES);
  const view = new DataView(packet.buffer);
  view.setUint8(0, VERSION_2 | FULL_INTRA);
  view.setUint8(1, PAYLOAD_FEEDBACK);
  view.setUint16(2, packet.length / 4 - 1);
  view.setUint32(4, sender);
  view.setUint32(FULL_INTRA_HEAD_BYTES, ssrc);
  view.setUint8(FULL_INTRA_HEAD_BYTES + 4, number);
  return packet;
}

/** The requests in a datagram, at most `most` of them; what is malformed ends it. */
export function readKeyFrameRequests(datagram: Uint8Array, most: number): KeyFrameRequest[] {
  const requests: KeyFrameRequest[] = [];
  for (const packet of packetsOf(datagram)) {
    for (const request of requestsIn(packet)) {
      if (requests.length === most) return requests;
      requests.push(request);
    }
  }
  return requests;
}

function* requestsIn(packet: Uint8Array): Generator<KeyFrameRequest> {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  if (packet[1] === OLD_FULL_INTRA && packet.length >= 8) yield { ssrc: view.getUint32(4), number: null };
  if (packet[1] !== PAYLOAD_FEEDBACK || packet.length < PICTURE_LOSS_BYTES) return;
  const format = view.getUint8(0) & FORMAT_MASK;
  if (format === PICTURE_LOSS) yield { ssrc: view.getUint32(8), number: null };
  if (format !== FULL_INTRA) return;
  for (let at = FULL_INTRA_HEAD_BYTES; at + FULL_INTRA_ENTRY_BYTES <= packet.length; at += FULL_INTRA_ENTRY_BYTES) {
    yield { ssrc: view.getUint32(at), number: view.getUint8(at + 4) };
  }
}
