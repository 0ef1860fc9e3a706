/** How the streams of a peer are laid out for a player: a section of its file, and a port, for each thing that is shown. */
import { formatCodec } from '../../infra/codec/codec.ts';
import type { StreamName } from '../../machines/messages.ts';
import type { RemoteStream } from './contract.ts';

/** One stream, or those layers of a group that one decoder takes in turn. */
export interface Section {
  /** Unique among the sections of the peer. */
  readonly key: string;
  /** The stream's, or the group's. */
  readonly name: StreamName;
  readonly grouped: boolean;
  /** All of one format. */
  readonly streams: readonly [RemoteStream, ...RemoteStream[]];
}

/** The sections of one peer's streams, in the order of these. A layer whose format no other of its group has stands alone. */
export function sectionsOf(streams: readonly RemoteStream[]): Section[] {
  const sections = new Map<string, Section>();
  for (const stream of streams) {
    const { stream: name, group } = stream;
    const alone = { key: `stream ${name}`, name, grouped: false, streams: [stream] } as const;
    const key = `group ${group}`;
    const known = sections.get(key);
    if (group === null || (known !== undefined && !sameFormat(known.streams[0], stream)))
      sections.set(alone.key, alone);
    else if (known === undefined) sections.set(key, { key, name: group, grouped: true, streams: [stream] });
    else sections.set(key, { ...known, streams: [...known.streams, stream] });
  }
  return [...sections.values()];
}

/** Whether whoever plays one can play the other. */
export function sameFormat(a: RemoteStream, b: RemoteStream): boolean {
  return (
    a.media === b.media &&
    a.payloadType === b.payloadType &&
    a.fmtp === b.fmtp &&
    formatCodec(a.codec) === formatCodec(b.codec)
  );
}
