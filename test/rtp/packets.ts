/** RTP packets of a program, as tests write them. */
import { writePayloadType, writePlainHeader, writeSequence, writeSsrc, writeTimestamp } from '../../infra/rtp/write.ts';

export interface PacketFields {
  readonly ssrc?: number;
  readonly sequence: number;
  readonly timestamp?: number;
  readonly payloadType?: number;
  readonly marker?: boolean;
  readonly payload?: Uint8Array;
}

export function rtpPacket({ ssrc = 7, sequence, timestamp = 0, payloadType = 111, ...rest }: PacketFields): Uint8Array {
  const { payload = new Uint8Array(20).fill(7), marker = false } = rest;
  const packet = new Uint8Array(12 + payload.length);
  writePlainHeader(packet);
  writePayloadType(packet, payloadType, marker);
  writeSequence(packet, sequence);
  writeTimestamp(packet, timestamp);
  writeSsrc(packet, ssrc);
  packet.set(payload, 12);
  return packet;
}
