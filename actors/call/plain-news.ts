/** What is told of plain endpoints: who listens in the clear, and who may not. */
import { type PlainListener, plainListeners } from '../../machines/in-the-clear.ts';
import type { PeerId } from '../../machines/messages.ts';
import { sameData } from '../../machines/same-data.ts';
import { selfOf, type View } from '../../machines/view.ts';

export type PlainNews =
  /** This member, which encrypts nothing, may hear these. Nobody: not any more. */
  | { readonly type: 'plain.listens'; readonly peer: PeerId; readonly to: readonly PeerId[] }
  /** It would hear us, and we do not let it: plain endpoints altogether, or those that are not in a private network. */
  | { readonly type: 'plain.refused'; readonly peer: PeerId; readonly policy: 'refuse' | 'local' }
  /** We are a plain endpoint ourselves, and these do not let us hear them. */
  | { readonly type: 'plain.unserved'; readonly by: readonly PeerId[] };

export const PLAIN_SENTENCES: { readonly [T in PlainNews['type']]: (news: Extract<PlainNews, { type: T }>) => string } =
  {
    'plain.listens': ({ peer, to }) =>
      to.length === 0
        ? `${peer} hears nobody in the clear any more`
        : `${peer} listens in the clear to ${to.join(', ')}: whoever is on the way can hear it too`,
    'plain.refused': ({ peer, policy }) =>
      policy === 'refuse'
        ? `${peer} is a plain endpoint and hears nothing of us, as --plain refuse says`
        : `${peer} is a plain endpoint outside of private networks and hears nothing of us; --plain allow lets it, in the clear`,
    'plain.unserved': ({ by }) =>
      by.length === 0
        ? 'everybody lets plain endpoints like this one hear them'
        : `${by.join(', ')} let no plain endpoint at this address hear them: they would have to say --plain allow, or we leave out --no-rpr`,
  };

/** Tells of what has changed since the last view. */
export class PlainWatch {
  #before: readonly PlainListener[] = [];

  observe(view: View): PlainNews[] {
    const before = new Map(this.#before.map((listener) => [listener.id, listener]));
    this.#before = plainListeners(view);
    return this.#before.flatMap((now) => newsOf(view, before.get(now.id), now));
  }
}

function newsOf(view: View, before: PlainListener | undefined, now: PlainListener): PlainNews[] {
  const { id, hears, refusedBy } = now;
  const isOther = (key: 'hears' | 'refusedBy') => !sameData(before?.[key] ?? [], now[key]);
  if (id === view.self) return isOther('refusedBy') ? [{ type: 'plain.unserved', by: refusedBy }] : [];
  const { plain } = selfOf(view);
  const refuses = refusedBy.includes(view.self) && plain !== 'allow';
  return [
    ...(isOther('hears') ? [{ type: 'plain.listens' as const, peer: id, to: hears }] : []),
    ...(refuses && !before?.refusedBy.includes(view.self)
      ? [{ type: 'plain.refused' as const, peer: id, policy: plain }]
      : []),
  ];
}
