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
  /** Its router forgets UDP after so many seconds. */
  readonly forgetS?: number;
}

/**
 * What is measured. `media`: from B's join until media has come both ways between A and B. `named`: until B is told that no way leads to
 * A, and what the others lost meanwhile. `gap`: the longest time without media between A and B, either way, after B's address has changed.
 * `turn`: as `media`, and how many streams go over the TURN server once the room is at rest. `silence`: what is lost of the first seconds
 * after a minute in which A and B sent nothing. `consent`: from when B's checks and answers do not come any more until A has sent it the
 * last packet of media. `stranger`: how many checks, and how much media, come to an address that B names and that is not B's.
 */
export type Measured = 'media' | 'named' | 'gap' | 'turn' | 'silence' | 'consent' | 'stranger';

export interface ReachCase {
  /** What `--case` takes. */
  readonly name: string;
  /** As the table says it. */
  readonly pairing: string;
  readonly a: Seat;
  readonly b: Seat | 'in the LAN of A';
  /** Are in the room before B joins. */
  readonly others?: readonly Seat[];
  /** Every peer is told of this server on the internet: one that tells it its outside address, or one that lends it an address. */
  readonly server?: 'stun' | 'turn';
  readonly conditions: Conditions;
  readonly measured: Measured;
  /** What is good enough in 95 of 100 runs, ms; null where no time is measured. */
  readonly limitMs: number | null;
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
const CONSENT_MS = 30_000;

/** Shorter than any two checks of consent are apart. */
const FORGETFUL_S = 3;

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
    ...{ ...meeting('port-restricted', 'symmetric'), name: 'turn-room', pairing: 'a symmetric one among four, TURN' },
    ...{
      others: [{ at: 'port-restricted' }, { at: 'port-restricted' }],
      server: 'turn',
      measured: 'turn',
      limitMs: TURN_MS,
    },
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
    ...{ a: { at: 'public' }, b: { at: 'public', families: 'ipv6' }, others: [{ at: 'public', families: 'both' }] },
    ...{ conditions: NEAR, measured: 'media', limitMs: BRIDGED_MS },
  },
  {
    ...{ ...meeting('public', 'udp-blocked'), name: 'udp-blocked', pairing: 'public x UDP blocked' },
    ...{ others: [{ at: 'public' }], measured: 'named', limitMs: NAMED_MS },
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
  {
    ...{ name: 'forgetful', pairing: `routers that forget UDP after ${FORGETFUL_S} s, streams silent for 60 s` },
    ...{ a: { at: 'port-restricted', forgetS: FORGETFUL_S }, b: { at: 'port-restricted', forgetS: FORGETFUL_S } },
    ...{ server: 'stun', conditions: NEAR, measured: 'silence', limitMs: null },
  },
  {
    ...{ ...meeting('public', 'public'), name: 'consent', pairing: 'public x public, consent withdrawn' },
    ...{ measured: 'consent', limitMs: CONSENT_MS },
  },
  {
    ...{ ...meeting('public', 'public'), name: 'stranger', pairing: 'a stranger’s address named, six in the room' },
    ...{ others: [1, 2, 3, 4].map((): Seat => ({ at: 'public' })), measured: 'stranger', limitMs: null },
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
  const others: readonly Seat[] = [{ at: 'public' }];
  return { ...rest, name: `${name}-bridged`, pairing: `${pairing}, an open third`, others, limitMs: BRIDGED_MS };
}
