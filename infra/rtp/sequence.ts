/**
 * Arithmetic on 16-bit RTP sequence numbers, which wrap around after 65535. All of it is here: nothing else may
 * compare two of them with `<` or `>`.
 */

/** How many sequence numbers there are. */
const SEQUENCE_COUNT = 0x1_0000;

/** How far `to` lies after `from`, in -32768..32767: the shorter way around the circle. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

export function isNewerSequence(candidate: number, reference: number): boolean {
  return sequenceDistance(reference, candidate) > 0;
}

export function nextSequence(sequence: number): number {
  return (sequence + 1) & 0xffff;
}

/** The 16 bits on the wire of an extended sequence number, also of one before the first cycle (negative). */
export function wireSequence(extended: number): number {
  return extended & 0xffff;
}

/**
 * The extended sequence number (cycles * 65536 + sequence, RFC 3550 appendix A.1) of `sequence` that lies nearest to
 * `reference`, itself extended. A packet that overtook the first one of its stream may come out negative.
 */
export function extendSequence(reference: number, sequence: number): number {
  return reference + sequenceDistance(wireSequence(reference), sequence);
}

/** The first extended number of `sequence` above every number of the cycle that `reference` is in. */
export function extendIntoNextCycle(reference: number, sequence: number): number {
  return (Math.floor(reference / SEQUENCE_COUNT) + 1) * SEQUENCE_COUNT + sequence;
}
