/** RTP that carries nothing: what is sent to learn whether the uplink takes it. */
import { RTP_HEADER_BYTES } from '../../rtp/header.ts';
import { writePayloadType, writePlainHeader, writeSequence, writeSsrc } from '../../rtp/write.ts';
import { MAX_DATAGRAM_BYTES } from '../decision/decision.ts';

/** The last of the dynamic ones: nobody reads it, since no table names the stream. */
const PAYLOAD_TYPE = 127;

/** A packet of so many bytes, at least the header's and at most a datagram's. */
export function paddingPacket(ssrc: number, sequence: number, bytes: number): Uint8Array {
  const packet = new Uint8Array(Math.min(MAX_DATAGRAM_BYTES, Math.max(RTP_HEADER_BYTES, bytes)));
  writePlainHeader(packet);
  writePayloadType(packet, PAYLOAD_TYPE, false);
  writeSequence(packet, sequence);
  writeSsrc(packet, ssrc);
  return packet;
}
