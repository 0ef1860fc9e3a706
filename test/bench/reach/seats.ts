/** The peers of a case on the hosts of a lab. */

import type { PeerId } from '../../../machines/messages.ts';
import { Lab, type Site } from '../../network/lab.ts';
import type { Host } from '../../network/parts/host.ts';
import { Nat } from '../../network/parts/nat.ts';
import type { LabNats } from '../../network/servers/nats.ts';
import type { ReachCase, Seat } from './cases.ts';
import { SPEECH_PORT } from './measures/silence.ts';
import { STRANGERS_PORT } from './measures/stranger.ts';

/** Of those who are in the room besides A and B. */
const OTHER_IDS = 'CDEFGH';

export interface Seats extends AsyncDisposable {
  readonly nats: LabNats;
  readonly a: Host;
  readonly b: Host;
  /** Who is in the room besides, by id. */
  readonly others: ReadonlyMap<PeerId, Host>;
  /** Whose address B names as its own, where it does that. */
  readonly stranger: Host | undefined;
  /** A and B are in one LAN. */
  readonly inOneLan: boolean;
  /** What a peer's command is told besides. */
  argsOf(id: PeerId): readonly string[];
  /** B has another address from now on: its own, or its router's. */
  moveB(): Promise<void>;
}

export async function takeSeats(reachCase: ReachCase): Promise<Seats> {
  const { a, b, others = [], server, measured, conditions } = reachCase;
  const lab = await Lab.start(conditions);
  try {
    const nats = await lab.nats();
    const siteOfA = await siteOf(lab, a);
    const siteOfB = b === 'in the LAN of A' ? siteOfA : await siteOf(lab, b);
    const hostOfB = await siteOfB.host(b === 'in the LAN of A' ? {} : familiesOf(b));
    const seated = new Map<PeerId, Host>();
    for (const [index, seat] of others.entries())
      seated.set(OTHER_IDS.charAt(index), await (await siteOf(lab, seat)).host(familiesOf(seat)));
    const options = server === undefined ? [] : await serverOptions(lab, server);
    const source = measured === 'silence' ? ['--source', `rtp:${SPEECH_PORT}`] : [];
    const stranger = measured === 'stranger' ? await lab.host() : undefined;
    const lie = stranger && ['--advertise', stranger.ipv4, '--listen', `0.0.0.0:${STRANGERS_PORT}`];
    return {
      nats,
      a: await siteOfA.host(familiesOf(a)),
      b: hostOfB,
      others: seated,
      stranger,
      inOneLan: b === 'in the LAN of A',
      argsOf: (id) => [...options, ...source, ...((id === 'B' && lie) || [])],
      moveB: () => (siteOfB instanceof Nat ? siteOfB : hostOfB).changeAddress(),
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

function siteOf(lab: Lab, seat: Seat): Promise<Site> {
  const { at, portMapping = false, forgetS } = seat;
  return lab.site(at, { portMapping, ...(forgetS === undefined ? {} : { forgetS }), ...familiesOf(seat) });
}

function familiesOf({ families }: Seat) {
  return families === undefined ? {} : { families };
}

/** A TURN server is one of STUN too. */
async function serverOptions(lab: Lab, server: 'stun' | 'turn'): Promise<string[]> {
  const { ipv4, user, password } = await lab.turn();
  const address = `${ipv4.host}:${ipv4.port}`;
  return server === 'stun' ? ['--stun', address] : ['--turn', `turn:${address}?${user}&${password}`];
}
