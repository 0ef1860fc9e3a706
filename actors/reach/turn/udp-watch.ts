/** Notices that nothing comes back from outside at all: then it is our own network that lets no UDP through. Pure. */
import { scopeOf } from '../../../infra/network/scope.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { endpointText } from '../../../infra/path/table/addresses.ts';
import type { Reflexive } from '../../../infra/stun/client.ts';
import type { TurnState } from '../../../infra/turn/contract.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { PairStatus } from '../../../machines/pairs/pairing.ts';

export interface UdpNews {
  readonly type: 'udp.blocked';
  /** How many servers and members were asked in vain. */
  readonly asked: number;
}

/** What has been asked, and what came of it. */
export interface Asked {
  readonly servers: readonly Endpoint[];
  /** By `host:port`. */
  readonly reflexives: ReadonlyMap<string, Reflexive>;
  /** Null: no TURN server. */
  readonly turn: TurnState | null;
  readonly pairs: ReadonlyMap<PeerId, PairStatus>;
}

/** `none`: it says nothing of the way out. */
type Outcome = 'asking' | 'answered' | 'silent' | 'none';

/** One may be down; that two are, and nobody else answers, is less likely than a firewall. */
const LEAST_SILENT = 2;

export class UdpWatch {
  /** Members that were reached: when they fall silent it is for reasons of their own. */
  readonly #reached = new Set<PeerId>();
  #isDone = false;

  /** Whether there is no more to find out. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** This machine has other addresses now, and is in another network perhaps. */
  networkChanged(): void {
    this.#reached.clear();
    this.#isDone = false;
  }

  /** @returns what is to be said, once */
  look({ servers, reflexives, turn, pairs }: Asked): UdpNews | undefined {
    if (this.#isDone) return undefined;
    for (const [peer, { to }] of pairs) if (to !== null) this.#reached.add(peer);
    const outcomes = [
      ...servers.map((server) => ofServer(server, reflexives.get(endpointText(server)))),
      ofTurn(turn),
      ...[...pairs].map(([peer, status]) => (this.#reached.has(peer) && status.to === null ? 'none' : ofPair(status))),
    ];
    const asked = outcomes.filter((outcome) => outcome === 'silent').length;
    if (outcomes.includes('answered')) this.#isDone = true;
    else if (!outcomes.includes('asking') && asked >= LEAST_SILENT) {
      this.#isDone = true;
      return { type: 'udp.blocked', asked };
    }
    return undefined;
  }
}

export function udpSentence({ asked }: UdpNews): string {
  return (
    `UDP does not get out of this network: none of ${asked} servers and members that were asked answers. ` +
    'Let its firewall allow outgoing UDP, or use another network'
  );
}

function ofServer({ host }: Endpoint, reflexive: Reflexive | undefined): Outcome {
  if (scopeOf(host) === 'private' || reflexive === undefined) return 'none';
  if (reflexive.kind === 'asking') return 'asking';
  if (reflexive.kind === 'mapped' || reflexive.error !== null) return 'answered';
  // Many networks have no IPv6.
  return host.includes(':') ? 'none' : 'silent';
}

/** Trying one address of it after the other takes longer than a person waits. */
function ofTurn(turn: TurnState | null): Outcome {
  if (turn?.kind === 'allocated') return 'answered';
  if (turn?.kind !== 'failed') return 'none';
  return turn.failure.code === 'turn.silent' ? 'silent' : 'answered';
}

function ofPair({ state, to, cut }: PairStatus): Outcome {
  if (to !== null) return scopeOf(to.host) === 'private' ? 'none' : 'answered';
  if (state === 'checking') return 'asking';
  return state === 'cut' && cut === 'unanswered' ? 'silent' : 'none';
}
