/** What the peer wants to receive: what its page shows, and no more. */
import type { Want } from '../../machines/messages.ts';
import type { ShownSlot } from './messages.ts';

/** @param slots of the page, each no more than once; the same content in two is wanted once, as well as the better one needs it */
export function wantsOf(slots: readonly ShownSlot[]): Want[] {
  const wants = new Map<string, Want>();
  for (const { peer: source, stream, maxBps } of slots) {
    // No name holds a slash.
    const key = `${source}/${stream}`;
    const known = wants.get(key);
    const most = known === undefined ? maxBps : higher(known.maxBps, maxBps);
    wants.set(key, { source, stream, ...(most === undefined ? {} : { maxBps: most }) });
  }
  return [...wants.values()];
}

/** Left out: any rate. */
function higher(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other);
}
