/** Relays that forward to others and not to one: what its word, borne out by our own records, changes, and when it is believed. Pure. */

import { pathsOf, type StreamPaths } from '../forwarding/own-streams.ts';
import type { PeerId } from '../messages.ts';
import { sameData } from '../same-data.ts';
import { selfOf } from '../view.ts';
import { ACCUSED_ALONE, distrust } from './doubting.ts';
import type { Command, Context, Outcome, Withheld } from './state.ts';

/**
 * The relays that a receiver is believed about at once, since our own records say that it should have got something: those left for it
 * already, and those that others accuse too, or else so many as one alone may accuse.
 */
export function withholding(context: Context, { receiver, ssrc, relays }: Withheld): PeerId[] {
  const stream = selfOf(context.view).streams.find((own) => own.ssrc === ssrc)?.name;
  if (stream === undefined || context.moved.has(receiver)) return [];
  let accusedAlone = context.witnesses.get(receiver) ?? 0;
  return [...(pathsOf(context.inForce, stream).get(receiver) ?? [])].flatMap(([via]) => {
    if (via === null || !relays.includes(via)) return [];
    if (context.distrusted.has(via) || isAccusedByOthers(context, via, receiver)) return [via];
    accusedAlone += 1;
    return accusedAlone <= ACCUSED_ALONE ? [via] : [];
  });
}

function isAccusedByOthers({ complaints }: Context, relay: PeerId, receiver: PeerId): boolean {
  return [...(complaints.get(relay)?.keys() ?? [])].some((other) => other !== receiver);
}

/** These legs are lost: what they carried is sent again, and the relays are not to be trusted. */
export function bereave(context: Context, event: Withheld): Outcome {
  const { receiver, ssrc, acknowledged } = event;
  const stream = selfOf(context.view).streams.find((own) => own.ssrc === ssrc)?.name;
  const relays = withholding(context, event);
  if (stream === undefined) return {};
  const commands: Command[] = [{ do: 'tell', news: { type: 'legs.lost', receiver, relays, acknowledged } }];
  let current = context;
  for (const relay of relays) {
    if (current.distrusted.has(relay)) continue;
    commands.push({ do: 'note', entry: { type: 'relay.failing', relay, stream, receiver } });
    if (!isAccusedByOthers(current, relay, receiver)) {
      const alone = (current.witnesses.get(receiver) ?? 0) + 1;
      current = { ...current, witnesses: new Map(current.witnesses).set(receiver, alone) };
      commands.push({ do: 'doubtWitness', peer: receiver });
    }
    // Most stood still for a moment: to their receivers they fell silent, and they are better than none.
    const outcome = distrust(current, { relay, how: 'silent' });
    current = { ...current, ...outcome.patch };
    commands.push(...(outcome.commands ?? []));
  }
  const { distrusted, refusals, complaints, failures, witnesses } = current;
  return { patch: { distrusted, refusals, complaints, failures, witnesses }, commands };
}

/** Those whose ways will not be what they were, beside those that have moved just now. */
export function movedWith({ inForce, moved }: Context, streams: StreamPaths): ReadonlySet<PeerId> {
  const now = new Set<PeerId>();
  for (const stream of new Set([...inForce.keys(), ...streams.keys()])) {
    const [before, after] = [pathsOf(inForce, stream), pathsOf(streams, stream)];
    for (const [receiver, ways] of after)
      if (!sameData([...ways], [...(before.get(receiver) ?? [])])) now.add(receiver);
  }
  return now.size === 0 ? moved : new Set([...moved, ...now]);
}

/** What they miss now is of the way that they have. */
export function settleWays(): Outcome {
  return { patch: { moved: new Set() } };
}
