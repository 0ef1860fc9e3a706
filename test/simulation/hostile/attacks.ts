/** What members and strangers do to a room on purpose, each from when the script says so until it is over. */
import type { PeerId } from '../../../machines/messages.ts';
import type { Fault, Script } from '../script/script.ts';
import type { Forgers } from '../verdict/forgers.ts';
import type { VoiceWatch } from '../verdict/voice.ts';
import type { Bus, Carried } from '../world/bus/bus.ts';
import type { Identities } from '../world/bus/identities.ts';
import { ROOM_KEY, WRONG_KEY } from '../world/bus/room-key.ts';
import type { VirtualClock } from '../world/clock.ts';
import type { Datagram } from '../world/media/datagram.ts';
import type { Members } from '../world/members.ts';
import type { PeerProcess } from '../world/peer/peer-process.ts';
import type { Random } from '../world/random.ts';
import { Babbler } from './babbler.ts';
import { Counterfeiter } from './counterfeiter.ts';
import { Interceptor } from './interceptor.ts';
import { MediaForger } from './media-forger.ts';
import { Misreporter } from './misreport.ts';
import { type Tampered, Tamperer } from './tamperer.ts';

type AttackOf<What extends Fault['do']> = Extract<Fault, { do: What }>;
export type Attack = AttackOf<
  'misreport' | 'lie' | 'counterfeit' | 'forge' | 'intercept' | 'tamper' | 'impersonate' | 'babble'
>;

export interface AttackedRoom {
  readonly script: Script;
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly bus: Bus;
  readonly identities: Identities;
  readonly forgers: Forgers;
  readonly voices: VoiceWatch;
  readonly members: Pick<Members, 'alive' | 'processOf' | 'identityOf'>;
}

/** A member makes up packets of another's streams for a third one, as if they came from that other. */
interface Impersonation {
  readonly owner: PeerId;
  readonly to: PeerId;
  readonly counterfeiter: Counterfeiter;
}

export class Attacks {
  readonly #room: AttackedRoom;
  /** By `FROM>TO`. */
  readonly #tamperers = new Map<string, Tamperer>();
  readonly #impersonations = new Map<PeerId, Impersonation>();

  constructor(room: AttackedRoom) {
    this.#room = room;
  }

  begin(attack: Attack): void {
    if (attack.do === 'intercept') this.#intercept(attack);
    else if (attack.do === 'tamper') this.#tamper(attack);
    else if (attack.do === 'impersonate') this.#impersonate(attack);
    else {
      const process = this.#room.members.processOf(attack.peer);
      if (process !== undefined) this.#turn(process, attack);
    }
  }

  /** What somebody on the way sends beside this datagram, as if it came from the same member. */
  beside(from: PeerId, to: PeerId, datagram: Datagram): Tampered | undefined {
    return this.#tamperers.get(`${from}>${to}`)?.passes(datagram);
  }

  /** It has come. Whoever has got a packet from its owner may make others up for somebody else. */
  came(by: PeerId, from: PeerProcess, datagram: Datagram): void {
    const impersonation = this.#impersonations.get(by);
    if (impersonation?.owner !== from.id || datagram.kind !== 'media' || datagram.hops !== 1) return;
    const victim = this.#room.members.processOf(impersonation.to);
    for (const bytes of impersonation.counterfeiter.made(datagram.packet.bytes))
      victim?.receive(from.site.address, { ...datagram, packet: { ...datagram.packet, bytes } });
  }

  /** A member becomes hostile. */
  #turn(process: PeerProcess, attack: Exclude<Attack, { do: 'intercept' | 'tamper' | 'impersonate' }>): void {
    const { sending } = process.transport;
    switch (attack.do) {
      case 'misreport':
        this.#misreport(process, attack);
        break;
      case 'lie':
        sending.lies = true;
        this.#later(attack.forMs, () => {
          sending.lies = false;
        });
        break;
      case 'forge':
        this.#forge(process, attack.forMs);
        break;
      case 'counterfeit':
        this.#counterfeit(process, attack.forMs);
        break;
      case 'babble':
        this.#babble(process, attack.forMs);
        break;
    }
  }

  #misreport({ transport: { wire } }: PeerProcess, { lie, forMs }: AttackOf<'misreport'>): void {
    if (wire === null) return;
    wire.misreporter = new Misreporter(lie);
    this.#later(forMs, () => {
      wire.misreporter = null;
    });
  }

  #forge(process: PeerProcess, forMs: number): void {
    const { forgers, voices } = this.#room;
    forgers.note(process.id, ['at all']);
    voices.forges(process.id);
    process.transport.sending.forger = new MediaForger(this.#luck('forge', process.id));
    this.#later(forMs, () => {
      process.transport.sending.forger = null;
    });
  }

  #counterfeit(process: PeerProcess, forMs: number): void {
    const { forgers, voices } = this.#room;
    forgers.note(process.id, ['at all', 'sealed']);
    voices.forges(process.id);
    process.transport.sealed?.counterfeits(this.#luck('counterfeit', process.id));
    this.#later(forMs, () => process.transport.sealed?.counterfeits(null));
  }

  #babble(process: PeerProcess, forMs: number): void {
    const { clock, members } = this.#room;
    const babbler = new Babbler(process, this.#luck('babble', process.id), members.alive);
    const untilMs = clock.now() + forMs;
    const again = () => {
      if (!process.alive) return;
      if (clock.now() >= untilMs) {
        babbler.end();
        return;
      }
      babbler.speak();
      this.#later(babbler.pauseMs(), again);
    };
    again();
  }

  #intercept({ by, forMs }: AttackOf<'intercept'>): void {
    const { bus, clock, identities, members, script } = this.#room;
    const isLocked = script.signed === 'locked';
    const member = by === 'server' ? undefined : members.identityOf(by);
    const interceptor = new Interceptor({
      random: this.#luck('intercept', by),
      keys: {
        identity: identities.of(member ?? 'a stranger'),
        room: isLocked ? (member === undefined ? WRONG_KEY : ROOM_KEY) : null,
      },
      as: () => members.alive.filter(({ id }) => id !== by),
      to: () => members.alive,
    });
    const watch = (carried: Carried) => interceptor.sees(carried);
    bus.watchers.add(watch);
    const untilMs = clock.now() + forMs;
    const again = () => {
      if (clock.now() >= untilMs) {
        bus.watchers.delete(watch);
        return;
      }
      const written = interceptor.attack();
      if (written !== undefined) bus.inject(written);
      this.#later(interceptor.pauseMs(), again);
    };
    again();
  }

  #tamper({ from, to, forMs }: AttackOf<'tamper'>): void {
    const { forgers } = this.#room;
    const way = `${from}>${to}`;
    // Rubbish that seems to come from a member is that member's for all that its receiver can know.
    forgers.note(way, ['at all']);
    // The other forwards it, where it is a relay.
    forgers.note(to, ['at all']);
    const tamperer = new Tamperer(this.#luck('tamper', way));
    this.#tamperers.set(way, tamperer);
    this.#later(forMs, () => {
      if (this.#tamperers.get(way) === tamperer) this.#tamperers.delete(way);
    });
  }

  #impersonate({ peer, owner, to, forMs }: AttackOf<'impersonate'>): void {
    const { forgers, members } = this.#room;
    const keys = members.processOf(peer)?.transport.sealed?.toldKeys;
    if (keys === undefined) return;
    for (const seeming of [`${owner}>${to}`, to]) forgers.note(seeming, ['at all', 'sealed']);
    const impersonation = { owner, to, counterfeiter: new Counterfeiter(this.#luck('impersonate', peer), keys) };
    this.#impersonations.set(peer, impersonation);
    this.#later(forMs, () => {
      if (this.#impersonations.get(peer) === impersonation) this.#impersonations.delete(peer);
    });
  }

  #luck(what: string, who: string): Random {
    return this.#room.random.fork(`${what} ${who} ${this.#room.clock.now()}`);
  }

  #later(delayMs: number, run: () => void): void {
    this.#room.clock.setTimeout(run, delayMs);
  }
}
