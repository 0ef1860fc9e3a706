/** What {@link Reach} is given, and whom it tells. */
import type { Endpoint } from '../../infra/path/contract.ts';
import type { KeyPair } from '../../infra/stun/pair-key.ts';
import type { TransportEvent } from '../../machines/ports.ts';
import type { Clock } from '../clock.ts';
import type { CandidateChoice } from '../options/contract.ts';
import type { Incarnation } from './pair-keys.ts';
import type { TurnNews } from './turn/turn-news.ts';
import type { UdpNews } from './turn/udp-watch.ts';

export interface ReachOptions {
  readonly room: string;
  readonly self: Incarnation;
  readonly keys: KeyPair;
  /** The host that the user gave, whose router sends our port to us. */
  readonly advertised: string | null;
  readonly policy: CandidateChoice;
  readonly clock: Clock;
  /** What a person wants to know of the TURN server, and of a network that lets nothing out. */
  readonly note?: (news: TurnNews | UdpNews) => void;
  /** 0..1, anew each time: a simulated peer has its own. */
  readonly luck?: () => number;
}

/** What it uses of the media socket. */
export interface ReachSocket {
  readonly bound: Endpoint;
  /** @param from which of our addresses it leaves from, where the socket listens on several */
  send(datagram: Uint8Array, to: Endpoint, from?: string): void;
}

export interface ReachListener {
  /** For the machines. */
  readonly tell: (event: TransportEvent) => void;
  /** Ways are others than before. */
  readonly onMoved: () => void;
}
