/**
 * Whom not to rely on: relays that refuse, that fall silent, or that take and do not forward. Pure.
 */

import type { PeerId, ReleaseReason } from '../messages.ts';
import type { Paths } from '../paths.ts';
import type { Failing } from '../room-plan.ts';
import { sliceCount } from '../slices.ts';
import { DELAYS } from '../timers.ts';
import { selfOf } from '../view.ts';
import { withoutItem, withoutKey } from '../without.ts';
import type { Command, Complaint, Context, Outcome } from './state.ts';

/** The distrust of a relay that fails again and again doubles this often at most. */
const MOST_DOUBLINGS = 4;

/** A relay gives notice. One that only needs its upload itself may serve again in a moment; one that leaves does not. */
export function noteNotice(context: Context, { relay, reason }: { relay: PeerId; reason: ReleaseReason }): Outcome {
  return reason === 'relay.reclaimed' ? {} : distrust(context, { relay });
}

/** Plan without this relay for a while: longer each time. */
export function distrust(context: Context, { relay }: { relay: PeerId }): Outcome {
  return distrustFor(context, relay, 'other');
}

const FIRST_MS = {
  silent: DELAYS.silenceDistrust,
  other: DELAYS.distrust,
} as const satisfies Record<Failing, number>;

function distrustFor(context: Context, relay: PeerId, how: Failing): Outcome {
  const forgotten = {
    refusals: withoutKey(context.refusals, relay),
    complaints: withoutKey(context.complaints, relay),
  };
  // Whoever is about to be left is often told of twice: that is one failure.
  const known = context.distrusted.get(relay);
  if (known === how || known === 'other') return { patch: forgotten };
  const before = context.failures.get(relay) ?? { silent: 0, other: 0 };
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
  { owner, ssrc, slices }: { owner: PeerId; ssrc: number; slices: number },
): Outcome {
  return { commands: [{ do: 'publish', to: owner, message: { kind: 'media.missing', body: { ssrc, slices } } }] };
}

/** The relays that should forward most of what this receiver misses; those about to be left for it are known. */
function accused({ view, inForce, distrusted }: Context, { from, body }: Complaint): PeerId[] {
  if (selfOf(view).source?.ssrc !== body.ssrc) return [];
  return [...(inForce.get(from) ?? [])].flatMap(([via, slices]) => {
    if (via === null || distrusted.get(via) === 'other') return [];
    return sliceCount(slices & body.slices) * 2 >= sliceCount(slices) ? [via] : [];
  });
}

/** The relays that this complaint proves dead or lying. The first may be about the way before; the second is about this one. */
function proven(context: Context, message: Complaint): PeerId[] {
  return accused(context, message).filter((relay) => context.complaints.get(relay)?.has(message.from));
}

export function isProof(context: Context, { message }: { message: Complaint }): boolean {
  return proven(context, message).length > 0;
}

export function noteComplaint(context: Context, { message }: { message: Complaint }): Outcome {
  const complaints = new Map(context.complaints);
  for (const relay of accused(context, message)) {
    complaints.set(relay, new Set(complaints.get(relay)).add(message.from));
  }
  return { patch: { complaints } };
}

/** A receiver has complained twice: its relays for what it misses are not to be trusted. */
export function blame(context: Context, { message }: { message: Complaint }): Outcome {
  let current = context;
  const commands: Command[] = [];
  for (const relay of proven(context, message)) {
    const outcome = distrust(current, { relay });
    current = { ...current, ...outcome.patch };
    commands.push({ do: 'note', entry: { type: 'relay.failing', relay, receiver: message.from } });
    commands.push(...(outcome.commands ?? []));
  }
  const { distrusted, refusals, complaints, failures } = current;
  return { patch: { distrusted, refusals, complaints, failures }, commands };
}

/** The media path to this relay is dead: until it is heard again it is neither relay nor receiver, and then no relay for a while. */
export function suspect(context: Context, { relay }: { relay: PeerId }): Outcome {
  const known = context.asked.get(relay);
  const { patch, commands = [] } = distrustFor(context, relay, 'silent');
  const lost: Command[] = known ? [{ do: 'tellClient', agreement: known.id, event: { type: 'relay.silent' } }] : [];
  return {
    patch: { ...patch, silent: new Set(context.silent).add(relay) },
    commands: [{ do: 'note', entry: { type: 'relay.unreachable', relay } }, ...lost, ...commands],
  };
}

export function unsuspect(context: Context, { peer }: { peer: PeerId }): Outcome {
  return { patch: { silent: withoutItem(context.silent, peer) } };
}

export function restoreTrust(context: Context, { peer }: { peer: PeerId }): Outcome {
  return { patch: { distrusted: withoutKey(context.distrusted, peer) } };
}

/** A complaint stands while the receiver's ways are as they were. */
export function stillValid({ complaints, inForce }: Context, paths: Paths): Context['complaints'] {
  if (complaints.size === 0) return complaints;
  return new Map(
    [...complaints].map(([relay, receivers]) => {
      const same = [...receivers].filter(
        (receiver) => paths.get(receiver)?.get(relay) === inForce.get(receiver)?.get(relay),
      );
      return [relay, new Set(same)];
    }),
  );
}
