/** What is sealed for one member alone, with the key of our pair and it: the keys of streams, and RTCP. One key for each direction. */
import { openBox, sealBox } from '../../../infra/crypto/box.ts';
import { GCM_KEY_BYTES, keyFor } from '../../../infra/crypto/gcm.ts';
import { type MasterKey, SRTP_PROFILES } from '../../../infra/srtp/profile.ts';
import { SrtpReceiver, type SrtpRefusal, SrtpSender } from '../../../infra/srtp/srtp.ts';
import type { PeerId } from '../../../machines/messages.ts';

const [PROFILE] = SRTP_PROFILES;

interface PairSeal {
  /** Of our processes: another process has another one. */
  readonly shared: Uint8Array;
  readonly boxesTo: Uint8Array;
  readonly boxesFrom: Uint8Array;
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;
  /** Of the newest box to and from it. */
  sentNumber: number;
  takenNumber: number;
}

export class PairSeals {
  readonly #self: PeerId;
  readonly #sharedWith: (peer: PeerId) => Uint8Array | undefined;
  readonly #pairs = new Map<PeerId, PairSeal>();

  /** @param sharedWith the key that only the two processes know; undefined: there is none */
  constructor(self: PeerId, sharedWith: (peer: PeerId) => Uint8Array | undefined) {
    this.#self = self;
    this.#sharedWith = sharedWith;
  }

  /** Forgets all but these. */
  keepOnly(peers: ReadonlySet<PeerId>): void {
    for (const peer of this.#pairs.keys()) if (!peers.has(peer)) this.#pairs.delete(peer);
  }

  /** A box for this member; undefined: we have no key with it. */
  box(peer: PeerId, content: Uint8Array): Uint8Array | undefined {
    const pair = this.#pairWith(peer);
    return pair && sealBox(pair.boxesTo, ++pair.sentNumber, content);
  }

  /** What is in a box of this member for us; undefined: it is not, or it has been opened before, or a later one has. */
  unbox(peer: PeerId, box: Uint8Array): Uint8Array | undefined {
    const pair = this.#pairWith(peer);
    if (pair === undefined) return undefined;
    const opened = openBox(pair.boxesFrom, box);
    if (opened === undefined || opened.number <= pair.takenNumber) return undefined;
    pair.takenNumber = opened.number;
    return opened.content;
  }

  sealRtcp(peer: PeerId, datagram: Uint8Array): Uint8Array | undefined {
    return this.#pairWith(peer)?.sender.protectRtcp(datagram);
  }

  /** Valid until the next call. */
  openRtcp(peer: PeerId, datagram: Uint8Array): Uint8Array | SrtpRefusal {
    return this.#pairWith(peer)?.receiver.unprotectRtcp(datagram) ?? 'not-authentic';
  }

  #pairWith(peer: PeerId): PairSeal | undefined {
    const shared = this.#sharedWith(peer);
    const known = this.#pairs.get(peer);
    if (shared === undefined || known?.shared === shared) return shared && known;
    const [to, from] = [`${this.#self} ${peer}`, `${peer} ${this.#self}`] as const;
    const pair = {
      shared,
      boxesTo: boxKey(shared, to),
      boxesFrom: boxKey(shared, from),
      sender: new SrtpSender(rtcpKey(shared, to)),
      receiver: new SrtpReceiver(rtcpKey(shared, from)),
      sentNumber: 0,
      takenNumber: 0,
    };
    this.#pairs.set(peer, pair);
    return pair;
  }
}

/** @param direction the two, the sender first */
export function boxKey(shared: Uint8Array, direction: `${PeerId} ${PeerId}`): Uint8Array {
  return keyFor(shared, `rpr media keys ${direction}`, GCM_KEY_BYTES);
}

function rtcpKey(shared: Uint8Array, direction: string): MasterKey {
  const { keyBytes, saltBytes } = PROFILE;
  const bytes = keyFor(shared, `rpr srtcp ${direction}`, keyBytes + saltBytes);
  return { profile: PROFILE, key: bytes.subarray(0, keyBytes), salt: bytes.subarray(keyBytes) };
}
