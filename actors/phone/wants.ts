/** What a phone receives: every voice, and of the pictures the one that it shows and the one that takes over. */
import { MAX_WANTS, type Want } from '../../machines/messages.ts';
import type { RemoteStream } from '../sink/contract.ts';

/** @param pictures null: none. @returns of a group any layer, and of too many voices the first */
export function phoneWants(streams: readonly RemoteStream[], pictures: readonly (RemoteStream | null)[]): Want[] {
  const wants = new Map<string, Want>();
  const voices = streams.filter(({ media }) => media === 'audio');
  for (const one of [...pictures, ...voices]) {
    if (one === null || wants.size === MAX_WANTS) continue;
    const { peer: source, group, stream: name } = one;
    const stream = group ?? name;
    wants.set(`${source}/${stream}`, { source, stream });
  }
  return [...wants.values()];
}
