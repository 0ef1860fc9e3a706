/** The peers of a case on the hosts of a lab. */
import { Lab, type Site } from '../../network/lab.ts';
import type { Host } from '../../network/parts/host.ts';
import { Nat } from '../../network/parts/nat.ts';
import type { LabNats } from '../../network/servers/nats.ts';
import type { ReachCase, Seat } from './cases.ts';

export interface Seats extends AsyncDisposable {
  readonly nats: LabNats;
  readonly a: Host;
  readonly b: Host;
  readonly third: Host | undefined;
  /** A and B are in one LAN. */
  readonly inOneLan: boolean;
  /** What each peer's command is told besides. */
  readonly args: readonly string[];
  /** B has another address from now on: its own, or its router's. */
  moveB(): Promise<void>;
}

export async function takeSeats({ a, b, third, server, conditions }: ReachCase): Promise<Seats> {
  const lab = await Lab.start(conditions);
  try {
    const nats = await lab.nats();
    const siteOfA = await siteOf(lab, a);
    const siteOfB = b === 'in the LAN of A' ? siteOfA : await siteOf(lab, b);
    const hostOfB = await siteOfB.host(b === 'in the LAN of A' ? {} : familiesOf(b));
    return {
      nats,
      a: await siteOfA.host(familiesOf(a)),
      b: hostOfB,
      third: third && (await (await siteOf(lab, third)).host(familiesOf(third))),
      inOneLan: b === 'in the LAN of A',
      args: server === undefined ? [] : await serverOptions(lab, server),
      moveB: () => (siteOfB instanceof Nat ? siteOfB : hostOfB).changeAddress(),
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

function siteOf(lab: Lab, seat: Seat): Promise<Site> {
  return lab.site(seat.at, { portMapping: seat.portMapping ?? false, ...familiesOf(seat) });
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
