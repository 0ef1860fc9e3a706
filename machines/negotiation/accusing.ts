/** Relays that bring a receiver what the source has not sent: told to the source, which sends it nothing through those any more. Pure. */
import type { FaultyHop } from '../digests/hop-faults.ts';
import type { PeerId } from '../messages.ts';
import type { View } from '../view.ts';
import type { Accusation, Context, Outcome } from './state.ts';

/**
 * So many relays one receiver is rid of for good. It cannot prove what it says, since it has the key itself; so what it says moves its own
 * ways only, and one that lies cannot have all others serve it without relays.
 */
const MOST_AVOIDED = 2;

/** Somebody brings packets of a member's stream that are not that member's. */
export function accuse(_: Context, { owner, stream, via, fault }: FaultyHop): Outcome {
  const note = { do: 'note', entry: { type: 'media.forged', owner, stream, via, fault } } as const;
  // What comes from the owner's own address, whoever sends it there, it cannot send another way.
  if (via === owner) return { commands: [note] };
  const message = { kind: 'media.forged', body: { stream, relay: via } } as const;
  return { commands: [note, { do: 'publish', to: owner, message, isUrgent: true }] };
}

/** Whether this relay is avoided for this receiver from now on. */
export function isNewToAvoid({ avoided, view }: Context, { message }: { message: Accusation }): boolean {
  const { from, body } = message;
  if (!view.members.has(body.relay) || body.relay === from || body.relay === view.self) return false;
  const known = avoided.get(from);
  return !known?.has(body.relay) && (known?.size ?? 0) < MOST_AVOIDED;
}

/** What a receiver has said is forgotten with it. */
export function stillAvoided({ avoided, view: before }: Context, view: View): Context['avoided'] {
  const isSame = (receiver: PeerId) => {
    const member = view.members.get(receiver);
    return member !== undefined && member.epoch === before.members.get(receiver)?.epoch;
  };
  return [...avoided.keys()].every(isSame) ? avoided : new Map([...avoided].filter(([receiver]) => isSame(receiver)));
}

export function avoid({ avoided }: Context, { message }: { message: Accusation }): Outcome {
  const { from: receiver, body } = message;
  const relays = new Set(avoided.get(receiver)).add(body.relay);
  return {
    patch: { avoided: new Map(avoided).set(receiver, relays) },
    commands: [{ do: 'note', entry: { type: 'relay.accused', relay: body.relay, stream: body.stream, receiver } }],
  };
}
