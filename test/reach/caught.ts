/** Two peers on the internet that have found each other, and somebody who hears all that they send. */
import { readStun } from '../../infra/stun/read.ts';
import { Router } from './routers.ts';
import { type WiredPeer, WiredRoom } from './wired-room.ts';

interface Overheard {
  readonly by: WiredPeer;
  readonly bytes: Uint8Array;
}

export class Caught {
  readonly room = new WiredRoom();
  readonly a: WiredPeer;
  readonly b: WiredPeer;
  readonly #overheard: Overheard[] = [];

  private constructor(hostOfB: string) {
    const send = this.room.send.bind(this.room);
    this.room.send = (by, bytes, to) => {
      this.#overheard.push({ by, bytes });
      send(by, bytes, to);
    };
    this.a = this.room.joins('A', { host: '198.51.100.1', router: null });
    const router = hostOfB.startsWith('192.168.') ? new Router('203.0.113.2', 'restricted') : null;
    this.b = this.room.joins('B', { host: hostOfB, router });
    this.room.run(1000);
  }

  /** @param hostOfB a private one is behind a router */
  static open(hostOfB = '198.51.100.2'): Caught {
    return new Caught(hostOfB);
  }

  /** The last that this peer has sent. */
  checkOf(peer: WiredPeer): Uint8Array {
    return this.#last('request', peer);
  }

  /** The last that this peer was sent. */
  answerTo(peer: WiredPeer): Uint8Array {
    return this.#last('success', peer === this.a ? this.b : this.a);
  }

  #last(kind: string, by: WiredPeer): Uint8Array {
    const found = this.#overheard.findLast((each) => each.by === by && readStun(each.bytes)?.class === kind);
    if (found === undefined) throw new Error(`${by.id} has sent no ${kind}`);
    return found.bytes;
  }
}

/** All that one peer holds of another. */
export function asSeenBy(peer: WiredPeer, other: WiredPeer): unknown {
  return { status: peer.reach.statusOf(other.id), ways: peer.reach.waysOf(other.id), own: peer.reach.own };
}
