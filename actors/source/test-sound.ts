/** The sound of the test source: silence that decoders take, of any length that a rate asks for. */

/** Full-band CELT frames of 20 ms, mono, of a count that the next byte tells (RFC 6716 sections 3.1 and 3.2.5, code 3). */
const TABLE_OF_CONTENTS = (31 << 3) | 3;
/** One frame, and padding. */
const ONE_PADDED = 0x41;
/** What encoders write for nothing but silence. */
const SILENT_FRAME = [0xff, 0xfe];
/** A padding length of this says that so many bytes less one, and another length, follow. */
const FURTHER = 255;
const LEAST_BYTES = 2 + 1 + SILENT_FRAME.length;

/** Makes an Opus packet (RFC 6716) of all of `payload`, which is zero; what is too short for one stays as it is. */
export function writeSilence(payload: Uint8Array): void {
  const padding = payload.length - LEAST_BYTES;
  if (padding < 0) return;
  const further = Math.floor(padding / FURTHER);
  payload[0] = TABLE_OF_CONTENTS;
  payload[1] = ONE_PADDED;
  payload.fill(FURTHER, 2, 2 + further);
  payload[2 + further] = padding % FURTHER;
  payload.set(SILENT_FRAME, 3 + further);
}
