/** The ways that one slice of a source can take in a small room: there are few enough to try them all. */

/** For every receiver (by index) the relay, or itself where it is sent direct. */
export type Pattern = ReadonlyMap<number, number>;

/** How many copies of a slice a peer sends, as its source or as a relay of it. */
export function legsFrom(pattern: Pattern, source: number, sender: number): number {
  let legs = 0;
  for (const [receiver, through] of pattern) {
    if (sender === source ? through === receiver : through === sender && receiver !== sender) legs += 1;
  }
  return legs;
}

/** Every way of a slice in a room of so many: some receivers get it direct, each other one through any of those. */
export function patternsOf(source: number, size: number): Pattern[] {
  const receivers = Array.from({ length: size }, (_, index) => index).filter((index) => index !== source);
  const patterns: Pattern[] = [];
  for (let chosen = 1; chosen < 1 << receivers.length; chosen += 1) {
    const direct = receivers.filter((_, bit) => chosen & (1 << bit));
    let partial: Pattern[] = [new Map(direct.map((receiver) => [receiver, receiver]))];
    for (const receiver of receivers.filter((peer) => !direct.includes(peer))) {
      partial = partial.flatMap((pattern) => direct.map((relay) => new Map([...pattern, [receiver, relay]])));
    }
    patterns.push(...partial);
  }
  return patterns;
}
