/** When what a packet holds was recorded, in ms by the program's clock: written into its payload, where no relay looks. */

/** Behind the fixed RTP header (RFC 3550 section 5.1) and all of the payload that tells what kind of frame it is. */
const AT = 24;

export function writeCapture(packet: Uint8Array, capturedMs: number): void {
  viewOf(packet).setFloat64(AT, capturedMs);
}

export function readCapture(packet: Uint8Array): number {
  return viewOf(packet).getFloat64(AT);
}

function viewOf(packet: Uint8Array): DataView {
  return new DataView(packet.buffer, packet.byteOffset, packet.length);
}
