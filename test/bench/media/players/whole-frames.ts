/** What of a video stream came to a player, from its packets alone. */

/** What is kept of a packet. */
export interface Seen {
  /** Extended sequence number. */
  readonly sequence: number;
  /** RTP timestamp, extended as well. */
  readonly timestamp: number;
  /** The last packet of its frame (RFC 3551 section 4.1). */
  readonly marker: boolean;
}

export interface Delivery {
  /** Share of the sequence numbers from the first that came to the last. */
  readonly delivered: number;
  /** Share of the frames between the first and the last that came. */
  readonly framesWhole: number;
}

/**
 * @param packets in the order in which they came; of a number that came twice, either
 * @param frameTicks how far the timestamps of two frames in a row are apart
 * @throws {RangeError} where less than three frames came
 */
export function deliveryOf(packets: readonly Seen[], frameTicks: number): Delivery {
  const bySequence = new Map(packets.map((packet) => [packet.sequence, packet]));
  const sorted = [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('No packet came.');
  // Of the first and the last frame it is not known where they begin and end. Timestamps are rounded to ticks.
  const frames = Math.round((last.timestamp - first.timestamp) / frameTicks) - 1;
  if (frames < 1) throw new RangeError('Less than three frames came.');
  const whole = sorted.filter(
    (packet) => packet.marker && packet.timestamp < last.timestamp && isWhole(packet, bySequence, first.timestamp),
  );
  return { delivered: sorted.length / (last.sequence - first.sequence + 1), framesWhole: whole.length / frames };
}

/** Whether everything before this last packet of a frame came, back to the last one of the frame before. */
function isWhole(
  { sequence, timestamp }: Seen,
  bySequence: ReadonlyMap<number, Seen>,
  firstTimestamp: number,
): boolean {
  if (timestamp === firstTimestamp) return false;
  for (let number = sequence - 1; ; number--) {
    const before = bySequence.get(number);
    if (before === undefined) return false;
    if (before.timestamp !== timestamp) return before.marker;
  }
}
