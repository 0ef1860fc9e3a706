/** A parser with a fault behind four bytes, each of which is looked at where the one before is right: chance alone never gets there. */
export const KEY = [0x80, 0xc8, 0x01, 0xff];

export function parseLocked(bytes: Uint8Array): void {
  if (bytes[0] !== KEY[0]) return;
  if (bytes[1] !== KEY[1]) return;
  if (bytes[2] !== KEY[2]) return;
  if (bytes[3] !== KEY[3]) return;
  throw new Error('behind the lock');
}
