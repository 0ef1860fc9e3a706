/** Who is to reach whom, from where, over which network, and how soon. Pure data. */
import type { SiteKind } from '../../network/lab.ts';
import type { Families } from '../../network/parts/place.ts';
import type { Conditions } from '../../network/wire/delay-line.ts';

/** Where a peer sits. */
export interface Seat {
  readonly at: SiteKind;
  readonly families?: Families;
  /** Its router serves NAT-PMP, PCP and UPnP. */
  readonly portMapping?: true;
}

/**
 * What is measured. `media`: from B's join until media has come both ways between A and B. `named`: until B is told that no way leads to
 * A. `gap`: the longest time without media between A and B, either way, after B's address has changed.
 */
export type Measured = 'media' | 'named' | 'gap';

export interface ReachCase {
  /** What `--case` takes. */
  readonly name: string;
  /** As the table says it. */
  readonly pairing: string;
  readonly a: Seat;
  readonly b: Seat | 'in the LAN of A';
  /** Is in the room before B joins. */
  readonly third?: Seat;
  /** Every peer is told of this server on the internet: one that tells it its outside address, or one that lends it an address. */
  readonly server?: 'stun' | 'turn';
  readonly conditions: Conditions;
  readonly measured: Measured;
  /** What is good enough in 95 of 100 runs, ms. */
  readonly limitMs: number;
}

/** Round trip of 40 ms: between two homes of one country. */
const NEAR: Conditions = { delayMs: 20, loss: 0 };
/** Between continents; and that over a bad network. */
const FAR: Conditions = { delayMs: 100, loss: 0 };
const FAR_AND_LOSSY: Conditions = { delayMs: 100, loss: 0.05 };

const MEETING_MS = 300;
const FAR_MEETING_MS = 1_000;
const LOSSY_MEETING_MS = 1_500;
const BRIDGED_MS = 400;
const TURN_MS = 600;
const LAN_MS = 150;
const NAMED_MS = 3_500;
const OPEN_GAP_MS = 500;
const HOME_GAP_MS = 1_500;

const PUNCHABLE: readonly SiteKind[] = ['public', 'full-cone', 'address-restricted', 'port-restricted'];
/** Open to a symmetric one: whoever lets in any port of a host. */
const OPEN: readonly SiteKind[] = ['public', 'full-cone', 'address-restricted'];

export const CASES: readonly ReachCase[] = [
  ...PUNCHABLE.flatMap((a, index) => PUNCHABLE.slice(index).map((b) => meeting(a, b))),
  ...OPEN.map((a) => meeting(a, 'symmetric')),
  ...(['public', 'port-restricted'] as const).map((kind) => {
    const { name, pairing, ...rest } = meeting(kind, kind);
    return {
      ...{ ...rest, name: `${name}-far`, pairing: `${pairing}, 200 ms away` },
      ...{ conditions: FAR, limitMs: FAR_MEETING_MS },
    };
  }),
  {
    ...{ ...meeting('port-restricted', 'port-restricted'), name: 'port-restricted-port-restricted-far-lossy' },
    pairing: 'port-restricted x port-restricted, 200 ms away, 5 % loss',
    ...{ conditions: FAR_AND_LOSSY, limitMs: LOSSY_MEETING_MS },
  },
  bridged('symmetric', 'symmetric'),
  bridged('port-restricted', 'symmetric'),
  {
    ...{ ...meeting('symmetric', 'symmetric'), name: 'turn', pairing: 'symmetric x symmetric, TURN' },
    ...{ server: 'turn', limitMs: TURN_MS },
  },
  {
    ...{ name: 'mapped', pairing: 'mapped by the router x symmetric' },
    ...{ a: { at: 'port-restricted', portMapping: true }, b: { at: 'symmetric' } },
    ...{ conditions: NEAR, measured: 'media', limitMs: MEETING_MS },
  },
  {
    ...{ name: 'lan', pairing: 'two in one LAN', a: { at: 'port-restricted' }, b: 'in the LAN of A' },
    ...{ conditions: NEAR, measured: 'media', limitMs: LAN_MS },
  },
  {
    ...{ name: 'families', pairing: 'IPv4 alone x IPv6 alone, one has both' },
    ...{ a: { at: 'public' }, b: { at: 'public', families: 'ipv6' }, third: { at: 'public', families: 'both' } },
    ...{ conditions: NEAR, measured: 'media', limitMs: BRIDGED_MS },
  },
  {
    ...{ ...meeting('public', 'udp-blocked'), name: 'udp-blocked', pairing: 'public x UDP blocked' },
    ...{ measured: 'named', limitMs: NAMED_MS },
  },
  {
    ...{ ...meeting('public', 'public'), name: 'public-moves', pairing: 'public x public, an address changes' },
    ...{ measured: 'gap', limitMs: OPEN_GAP_MS },
  },
  {
    ...{ ...meeting('port-restricted', 'port-restricted'), name: 'home-moves' },
    pairing: 'port-restricted x port-restricted, an outside address changes',
    ...{ measured: 'gap', limitMs: HOME_GAP_MS },
  },
];

/** Where neither is on the open internet nobody in the room could tell them how it sees them. */
function meeting(a: SiteKind, b: SiteKind): ReachCase {
  return {
    ...(a === 'public' ? {} : { server: 'stun' }),
    ...{ name: `${a}-${b}`, pairing: `${a} x ${b}`, a: { at: a }, b: { at: b } },
    ...{ conditions: NEAR, measured: 'media', limitMs: MEETING_MS },
  };
}

function bridged(a: SiteKind, b: SiteKind): ReachCase {
  const { name, pairing, server: _none, ...rest } = meeting(a, b);
  const third: Seat = { at: 'public' };
  return { ...rest, name: `${name}-bridged`, pairing: `${pairing}, an open third`, third, limitMs: BRIDGED_MS };
}
