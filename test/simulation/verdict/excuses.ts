/** Whose voices may suffer from what happens to a room, and until when. */
import type { PeerId } from '../../../machines/messages.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { PRESETS } from '../script/presets.ts';
import { type Fault, knownOf, type Script } from '../script/script.ts';
import type { Members } from '../world/members.ts';
import { MOVE_NOTICED_WITHIN_MS } from '../world/network/place.ts';
import type { VoiceWatch } from './voice.ts';

/** A bus that loses so much of all messages loses some of every join. */
const LOSSY = 0.01;
/** Whose clock stands earlier than before is met within this, once the bus is there: until then it is not believed. */
const MET_AGAIN_MS = 10_000;
/** What a router lets out anew is found by the next check of consent, and its answer. */
const REBOUND_WITHIN_MS = 1.2 * DELAYS.consentInterval;

export interface Room {
  readonly script: Script;
  readonly members: Pick<Members, 'alive' | 'processOf'>;
}

/** To be asked when it happens. Who comes or goes in good order, or is away from the bus, costs nobody a word. */
export function excuse(fault: Fault, voices: VoiceWatch, { script, members }: Room): void {
  if (fault.do === 'leave' || fault.do === 'intercept' || fault.do === 'tamper') return;
  if (fault.do === 'away') {
    const untilMs = knownOf(fault, script);
    for (const peer of fault.peers) if (!reachesAll(peer, members)) voices.excuse(peer, fault.at, untilMs);
    return;
  }
  // Who comes may not have met a relay yet where messages get lost: what comes from there is a stranger's. Behind routers others relay
  // until a pair has found its own way, and a word may be lost between the two.
  const { bus } = PRESETS[script.preset];
  if (fault.do === 'join' && bus.loss < LOSSY && fault.place === undefined) return;
  for (const peer of affectedBy(fault, members)) voices.excuse(peer, fault.at, healsMs(fault, script));
}

/** Where a pair has not found its way yet, nothing but the bus tells the two of each other. */
function reachesAll(peer: PeerId, members: Room['members']): boolean {
  const process = members.processOf(peer);
  const others = members.alive.filter((other) => other !== process);
  return others.every(({ id }) => process?.transport.reach.statusOf(id)?.state === 'open');
}

type Local = Exclude<Fault, { do: 'away' | 'tamper' | 'intercept' }>;

function affectedBy(fault: Local, members: Room['members']): PeerId[] {
  if (fault.do === 'link') return [fault.from, fault.to];
  if (fault.do === 'impersonate') return [fault.to];
  if (fault.do !== 'rebind') return [fault.peer];
  const segment = members.processOf(fault.peer)?.site.segment;
  return members.alive.filter(({ site }) => site.segment === segment).map(({ id }) => id);
}

/** From when on it costs no more than any fault that is over, in virtual ms. */
function healsMs(fault: Fault, script: Script): number {
  switch (fault.do) {
    case 'clockback':
      return knownOf(fault, script) + MET_AGAIN_MS;
    case 'move':
      return knownOf(fault, script) + MOVE_NOTICED_WITHIN_MS;
    case 'rebind':
      return fault.at + REBOUND_WITHIN_MS;
    default:
      return knownOf(fault, script);
  }
}
