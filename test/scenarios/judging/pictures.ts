/** Pictures that pages in a browser have decoded, and whether they move. */
import type { PeerId, StreamName } from '../../../machines/messages.ts';

export interface DecodedPicture {
  readonly source: PeerId;
  /** A stream or a group. */
  readonly stream: StreamName;
  readonly receiver: PeerId;
  /** Pictures decoded. */
  readonly frames: number;
}

/** A quarter of what the made-up camera of a browser gives: below this a picture does not move but jump. */
export const LEAST_FRAMES_PER_S = 5;

/** What was decoded between two looks; a picture that is in the second one alone counts from its beginning. */
export function decodedBetween(before: readonly DecodedPicture[], after: readonly DecodedPicture[]): DecodedPicture[] {
  return after.map((now) => {
    const then = before.find((each) => isSame(each, now));
    // A page that was loaded anew counts from zero.
    return then === undefined || then.frames > now.frames ? now : { ...now, frames: now.frames - then.frames };
  });
}

function isSame(a: DecodedPicture, b: DecodedPicture): boolean {
  return a.source === b.source && a.stream === b.stream && a.receiver === b.receiver;
}
