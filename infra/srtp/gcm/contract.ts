/** AES-128-GCM of whole packets, whoever computes it. */

export const GCM_TAG_BYTES = 16;

/** One key. `into` is long enough for what is written from `at` on, and shares no memory with what is read. */
export interface PacketGcm {
  /** Writes the encrypted bytes and the tag of {@link GCM_TAG_BYTES}. `header` is authenticated, and never empty. */
  seal(iv: Uint8Array, header: Uint8Array, plain: Uint8Array, into: Uint8Array, at: number): void;
  /**
   * @param sealed with its tag
   * @returns whether it is authentic; if not, what stands in `into` is rubbish
   */
  open(iv: Uint8Array, header: Uint8Array, sealed: Uint8Array, into: Uint8Array, at: number): boolean;
}

export type PacketGcmOf = (key: Uint8Array) => PacketGcm;
