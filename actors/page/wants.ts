/** What the peer wants to receive: what its page shows, and no more. */
import type { PeerId, StreamName, Want } from '../../machines/messages.ts';
import type { ShownSlot } from './messages.ts';

/**
 * @param slots of the page, each no more than once; the same content in two is wanted once, as well as the better one needs it
 * @param hasLayers whether this is a group, of which each receiver gets its own layer. A stream alone has one rate for all: who shows it in
 *   a small tile must not make it poor for the others
 */
export function wantsOf(slots: readonly ShownSlot[], hasLayers: (peer: PeerId, stream: StreamName) => boolean): Want[] {
  const wants = new Map<string, Want>();
  for (const { peer: source, stream, maxBps: worthBps } of slots) {
    const maxBps = hasLayers(source, stream) ? worthBps : undefined;
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
