/**
 * Whom not to rely on: relays that refuse, that fall silent, or that take and do not forward. Pure.
 */

import { pathsOf, type StreamPaths } from '../forwarding/own-streams.ts';
import type { PeerId, ReleaseReason, StreamName } from '../messages.ts';
import type { Failing } from '../room-plan.ts';
import { sliceCount } from '../slices.ts';
import { DELAYS } from '../timers.ts';
import { isCut } from '../view.ts';
import { withoutItem, withoutKey } from '../without.ts';
import type { Command, Complaint, Context, Outcome } from './state.ts';

/** The distrust of a relay that fails again and again doubles this often at most. */
const MOST_DOUBLINGS = 4;

/** A relay gives notice. One that only needs its upload itself may serve again in a moment; one that leaves does not. */
export function noteNotice(context: Context, { relay, reason }: { relay: PeerId; reason: ReleaseReason }): Outcome {
  return reason === 'relay.reclaimed' ? {} : distrust(context, { relay });
}

const FIRST_MS = {
  silent: DELAYS.silenceDistrust,
  full: DELAYS.distrust,
  other: DELAYS.distrust,
} as const satisfies Record<Failing, number>;

/** Plan without this relay for a while: longer each time. */
export function distrust(context: Context, { relay, how = 'other' }: { relay: PeerId; how?: Failing }): Outcome {
  const forgotten = {
    refusals: withoutKey(context.refusals, relay),
    complaints: withoutKey(context.complaints, relay),
  };
  // Whoever is about to be left is often told of twice: that is one failure.
  const known = context.distrusted.get(relay);
  if (known === how || known === 'other') return { patch: forgotten };
  const before = context.failures.get(relay) ?? { silent: 0, full: 0, other: 0 };
  return {
    patch: {
      ...forgotten,
      distrusted: new Map(context.distrusted).set(relay, how),
      failures: new Map(context.failures).set(relay, { ...before, [how]: before[how] + 1 }),
    },
    commands: [{ do: 'distrust', relay, forMs: FIRST_MS[how] * 2 ** Math.min(before[how], MOST_DOUBLINGS) }],
  };
}

/** We miss what a member sends: it alone knows who should have forwarded it. */
export function complain(
  _: Context,
  { owner, stream, slices }: { owner: PeerId; stream: StreamName; slices: number },
): Outcome {
  return { commands: [{ do: 'publish', to: owner, message: { kind: 'media.missing', body: { stream, slices } } }] };
}

/** The relays that should forward most of what this receiver misses; those about to be left for it are known. */
function accused({ inForce, distrusted }: Context, { from, body }: Complaint): PeerId[] {
  return [...(pathsOf(inForce, body.stream).get(from) ?? [])].flatMap(([via, slices]) => {
    if (via === null || (distrusted.get(via) ?? 'silent') !== 'silent') return [];
    return sliceCount(slices & body.slices) * 2 >= sliceCount(slices) ? [via] : [];
  });
}

/** So many relays may one receiver accuse alone until it has been quiet for `witnessDoubt`: a liar moves few, an honest one is helped. */
export const ACCUSED_ALONE = 2;

/**
 * The relays that this complaint proves dead or lying. The first of a receiver may be about the way before; the second is about this
 * one. Where nobody else misses anything of the relay, it is the receiver's word against the relay's.
 */
function proven(context: Context, message: Complaint): PeerId[] {
  let accusedAlone = context.witnesses.get(message.from) ?? 0;
  return accused(context, message).filter((relay) => {
    const known = context.complaints.get(relay);
    if (!known?.get(message.from)?.has(message.body.stream)) return false;
    if (known.size > 1) return true;
    accusedAlone += 1;
    return accusedAlone <= ACCUSED_ALONE;
  });
}

export function isProof(context: Context, { message }: { message: Complaint }): boolean {
  return proven(context, message).length > 0;
}

export function noteComplaint(context: Context, { message }: { message: Complaint }): Outcome {
  const { from, body } = message;
  const relays = accused(context, message).filter(
    (relay) => !context.complaints.get(relay)?.get(from)?.has(body.stream),
  );
  if (relays.length === 0) return {};
  const complaints = new Map(context.complaints);
  for (const relay of relays) {
    const receivers = new Map(complaints.get(relay));
    complaints.set(relay, receivers.set(from, new Set(receivers.get(from)).add(body.stream)));
  }
  return { patch: { complaints } };
}

/** A receiver has complained twice: its relays for what it misses are not to be trusted. */
export function blame(context: Context, { message }: { message: Complaint }): Outcome {
  const { from, body } = message;
  let current = context;
  const commands: Command[] = [];
  for (const relay of proven(context, message)) {
    const isAlone = context.complaints.get(relay)?.size === 1;
    const outcome = distrust(current, { relay });
    current = { ...current, ...outcome.patch };
    commands.push({ do: 'note', entry: { type: 'relay.failing', relay, stream: body.stream, receiver: from } });
    commands.push(...(outcome.commands ?? []));
    if (!isAlone) continue;
    current = { ...current, witnesses: new Map(current.witnesses).set(from, (current.witnesses.get(from) ?? 0) + 1) };
    commands.push({ do: 'doubtWitness', peer: from });
  }
  const { distrusted, refusals, complaints, failures, witnesses } = current;
  return { patch: { distrusted, refusals, complaints, failures, witnesses }, commands };
}

export function restoreWitness(context: Context, { peer }: { peer: PeerId }): Outcome {
  return { patch: { witnesses: withoutKey(context.witnesses, peer) } };
}

/**
 * Nothing comes from this relay: it is none until it is heard again, and for a while then, and is sent no video. It may hear us: voices go
 * on. Where its pair has told already that no way leads there, others serve it. Of whom nothing comes either is not to take its place.
 */
export function suspect(context: Context, { relay, quiet }: { relay: PeerId; quiet: readonly PeerId[] }): Outcome {
  const known = context.asked.get(relay);
  const lost: Command[] = known ? [{ do: 'tellClient', agreement: known.id, event: { type: 'relay.silent' } }] : [];
  const commands: Command[] = [{ do: 'note', entry: { type: 'relay.unreachable', relay } }, ...lost];
  const isCutOff = isCut(context.view, context.view.self, relay);
  let patch: Outcome['patch'] = isCutOff ? {} : { silent: new Set(context.silent).add(relay) };
  for (const peer of [relay, ...quiet]) {
    const outcome = distrust({ ...context, ...patch }, { relay: peer, how: 'silent' });
    patch = { ...patch, ...outcome.patch };
    commands.push(...(outcome.commands ?? []));
  }
  return { patch, commands };
}

/**
 * Who is gone for all we can tell: nothing has come of it since its media stopped, no way leads there any more, and the bus, which would
 * tell whether it lives, is away. Nobody else is asked to reach it: what others hold for those who live would be taken for it.
 */
export function lostIn({ busAway, fallen, view }: Context): ReadonlySet<PeerId> {
  return new Set(busAway ? [...fallen].filter((peer) => isCut(view, view.self, peer)) : []);
}

export function unsuspect(context: Context, { peer }: { peer: PeerId }): Outcome {
  return { patch: { silent: withoutItem(context.silent, peer) } };
}

export function restoreTrust(context: Context, { peer }: { peer: PeerId }): Outcome {
  return { patch: { distrusted: withoutKey(context.distrusted, peer) } };
}

/** A complaint stands while the receiver's ways are as they were. */
export function stillValid({ complaints, inForce }: Context, streams: StreamPaths): Context['complaints'] {
  if (complaints.size === 0) return complaints;
  const wayOf = (of: StreamPaths, stream: StreamName, receiver: PeerId, relay: PeerId) =>
    pathsOf(of, stream).get(receiver)?.get(relay);
  const valid = new Map<PeerId, ReadonlyMap<PeerId, ReadonlySet<StreamName>>>();
  for (const [relay, receivers] of complaints) {
    const same = [...receivers].flatMap(([receiver, missed]): [PeerId, Set<StreamName>][] => {
      const kept = [...missed].filter(
        (stream) => wayOf(streams, stream, receiver, relay) === wayOf(inForce, stream, receiver, relay),
      );
      return kept.length === 0 ? [] : [[receiver, new Set(kept)]];
    });
    if (same.length > 0) valid.set(relay, new Map(same));
  }
  return valid;
}
