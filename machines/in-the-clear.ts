/**
 * Who may have a stream in the clear. Plain endpoints take nothing else, and whoever is on the way to one hears it too: it is for the user of
 * a stream's source to allow, whoever sends it there.
 */
import type { PeerId, PlainPolicy, StreamInfo } from './messages.ts';
import { type Member, type View, wantsStream } from './view.ts';

/** Loopback, RFC 1918, RFC 3927 and RFC 4193: where only this machine and its own network are. Hosts are in canonical form. */
const LOCAL_HOST = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd][0-9a-f]{2}:)/;

/** Whether an address is of this machine or of its own network. */
export function isLocal(host: string): boolean {
  return LOCAL_HOST.test(host);
}

/** Whether plain RTP of a source with this policy may go to this address. */
export function mayGoInTheClear(policy: PlainPolicy, host: string): boolean {
  return policy === 'allow' || (policy === 'local' && isLocal(host));
}

/** Whether a member's streams may be served to another: to a plain endpoint by where that says that it is. One that is plain itself hides nothing. */
export function mayServe(owner: Member, receiver: Member): boolean {
  return receiver.compatible || !owner.compatible || mayGoInTheClear(owner.plain, receiver.media.host);
}

/** Whether a member is to get this stream of another: it wants it, and may have it. */
export function isServed(owner: Member, stream: StreamInfo, receiver: Member): boolean {
  return wantsStream(receiver, owner.id, stream) && mayServe(owner, receiver);
}

/** A plain endpoint, and what it may hear of what it wants. */
export interface PlainListener {
  readonly id: PeerId;
  /** Whose streams it may get, in the clear. */
  readonly hears: readonly PeerId[];
  /** Who does not let it have theirs. */
  readonly refusedBy: readonly PeerId[];
}

/** The plain endpoints of the room, ourselves among them if we are one. */
export function plainListeners({ members }: View): PlainListener[] {
  const all = [...members.values()];
  return all.flatMap((listener) => {
    if (listener.compatible) return [];
    const wanted = all.filter(
      (owner) => owner.id !== listener.id && owner.streams.some((stream) => wantsStream(listener, owner.id, stream)),
    );
    const idsOf = (may: boolean) => wanted.filter((owner) => mayServe(owner, listener) === may).map(({ id }) => id);
    return [{ id: listener.id, hears: idsOf(true), refusedBy: idsOf(false) }];
  });
}
