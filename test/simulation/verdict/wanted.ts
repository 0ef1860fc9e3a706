/** Who wants what: what a member shows, in one size or several, and whether a receiver's wants take it in. */
import type { PeerId, StreamName, Wants } from '../../../machines/messages.ts';
import type { SimulatedStream } from '../script/script.ts';

/** A stream, or a group of them: by the group's name. */
export interface Shown {
  readonly name: StreamName;
  readonly media: 'audio' | 'video';
  readonly layers: readonly StreamName[];
}

export function shownBy(streams: readonly SimulatedStream[]): Shown[] {
  const shown = new Map<StreamName, Shown>();
  for (const { name: stream, group, media } of streams) {
    const name = group ?? stream;
    shown.set(name, { name, media, layers: [...(shown.get(name)?.layers ?? []), stream] });
  }
  return [...shown.values()];
}

/** Whether these wants take in what `owner` shows. */
export function wantsShown(wants: Wants, owner: PeerId, { name, layers }: Shown): boolean {
  if (wants === 'all') return true;
  return wants.some(
    ({ source, stream }) => source === owner && (stream === undefined || stream === name || layers.includes(stream)),
  );
}
