/** RTCP packets that an application defines (RFC 3550 section 6.7): their head, and whose they are. Of subtype 0. */

const APP = 204;
const VERSION_2 = 0x80;

/** Bytes in front of what is the application's own. */
export const APP_HEAD_BYTES = 12;

/**
 * Writes the head of a packet that fills `view`, a multiple of four bytes.
 *
 * @param name four ASCII characters
 */
export function writeAppHead(view: DataView, senderSsrc: number, name: number): void {
  view.setUint8(0, VERSION_2);
  view.setUint8(1, APP);
  view.setUint16(2, view.byteLength / 4 - 1);
  view.setUint32(4, senderSsrc);
  view.setUint32(8, name);
}

/** Whether it is one of this name; there must be at least a head. */
export function isApp(view: DataView, name: number): boolean {
  return view.getUint8(0) === VERSION_2 && view.getUint8(1) === APP && view.getUint32(8) === name;
}
