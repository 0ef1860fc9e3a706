/** How a member and we talk, in the words of the table, of reports and of a person. */
import { scopeOf } from '../../infra/network/scope.ts';
import type { Endpoint, PeerId } from '../../machines/messages.ts';
import type { PairStatus } from '../../machines/pairs/pairing.ts';
import type { AddressKind, CutReason } from '../../machines/ports.ts';

/** Within one network; from one outside address to another; over a TURN server. */
type OpenWay = 'lan' | 'direct' | 'turn';

/** Round trips in ms, as checks of the pair measure them; null: not measured yet. */
export type PairWay =
  | { readonly kind: 'looking' }
  | { readonly kind: OpenWay; readonly rttMs: number | null }
  /** We do not reach each other, and these members carry what we send. */
  | { readonly kind: 'via'; readonly relays: readonly [PeerId, ...PeerId[]]; readonly reason: CutReason }
  | { readonly kind: 'none'; readonly reason: CutReason };

/** @param relays who carries media between the two now; of interest only where the two do not reach each other */
export function pairWayOf({ state, to, kind, rttMs, cut }: PairStatus, relays: readonly PeerId[]): PairWay {
  if (state === 'cut') {
    const reason = cut ?? 'unanswered';
    const [first, ...others] = relays;
    return first === undefined ? { kind: 'none', reason } : { kind: 'via', relays: [first, ...others], reason };
  }
  if (to === null) return { kind: 'looking' };
  return { kind: openWayOf(to, kind), rttMs };
}

/** How packets get there that have proved to get there. */
export function openWayOf(to: Endpoint, kind: AddressKind | null): OpenWay {
  if (to.channel !== undefined || kind === 'relayed') return 'turn';
  // A private address that a router has given is not of our own network.
  return (kind === 'host' || kind === 'seen') && scopeOf(to.host) === 'private' ? 'lan' : 'direct';
}

/** `LAN 0.4 ms`, `via B`: without the reason. */
export function briefWayText(way: PairWay): string {
  switch (way.kind) {
    case 'looking':
      return 'looking…';
    case 'via':
      return `via ${way.relays.join(', ')}`;
    case 'none':
      return 'no way';
    default:
      return way.rttMs === null ? NAMES[way.kind] : `${NAMES[way.kind]} ${millisecondsText(way.rttMs)}`;
  }
}

/** The same, with the reason where there is one: `via B (your router and theirs refuse each other)`. */
export function wayText(way: PairWay): string {
  const why = whyText(way);
  return why === null ? briefWayText(way) : `${briefWayText(way)} (${why})`;
}

/** Why the two do not reach each other; null: they do, or look still. */
export function whyText(way: PairWay): string | null {
  return way.kind === 'via' || way.kind === 'none' ? REASONS[way.reason] : null;
}

/** `0.4 ms`, `20 ms`. */
export function millisecondsText(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

const NAMES = { lan: 'LAN', direct: 'direct', turn: 'TURN' } as const;

const REASONS: Readonly<Record<CutReason, string>> = {
  nat: 'your router and theirs refuse each other',
  family: 'one of you has IPv4 alone, the other IPv6',
  unanswered: 'a firewall, yours or theirs, lets no UDP through',
};
