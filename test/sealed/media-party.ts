/** Transports on real sockets that have met: each proves its way to each other, and what they tell of keys goes from one to the next. */
import type { ExecutionContext } from 'ava';
import type { Transport } from '../../actors/media/transport.ts';
import type { ReachOptions } from '../../actors/reach/contract.ts';
import { freshIdentity } from '../../infra/crypto/identity-key.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { PeerId, StreamInfo } from '../../machines/messages.ts';
import type { PeerEvent } from '../../machines/peer.ts';
import type {
  DigestsMessage,
  KeysMessage,
  SentStream,
  TransportCommand,
  TransportMember,
  TransportTable,
} from '../../machines/ports.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { openTransport } from '../actors/transport-actor.ts';
import { memberAt, reachOptions } from '../actors/transport-members.ts';
import { LOOPBACK, until } from '../path/rig.ts';

export const CAMERA = 0x1234_5678;

export const camera: StreamInfo = {
  ...{ name: 'camera', ssrc: CAMERA, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'audio' },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
};

/** What is sent of the camera: to whom first, and who has its key. */
export function cameraTo(hops: readonly PeerId[], holders: readonly PeerId[]): SentStream {
  return {
    ...{ stream: 'camera', ssrc: CAMERA, media: 'audio', codec: 'VP8/90000', rateBps: 0, holders },
    hops: hops.map((peer) => ({ peer, slices: ALL_SLICES })),
  };
}

export interface MediaPeer {
  readonly id: PeerId;
  readonly transport: Transport;
  /** What it has told its machines. */
  readonly told: PeerEvent[];
  /** What has been played, in its order. */
  readonly played: Uint8Array[];
  readonly bound: Endpoint;
  /** Another table is in force, with all others as members, and with what of theirs is played here. */
  apply(table: Partial<TransportTable>): void;
  tell(command: TransportCommand): void;
}

export interface PartyHooks {
  /** Those that sign nothing; all others do. */
  readonly unsigned?: readonly PeerId[];

  /** A message about keys is on its way; false: it is lost. */
  readonly onKeys?: (message: KeysMessage, to: PeerId | 'all') => boolean;
  /** A message about digests is on its way; false: it is lost. */
  readonly onDigests?: (message: DigestsMessage) => boolean;
  /** Those that no way leads between. */
  readonly apart?: readonly [PeerId, PeerId];
  /** Those that play no camera. */
  readonly notWatching?: readonly PeerId[];
  /** Endpoints that speak no RPR. */
  readonly plain?: readonly TransportMember[];
}

/** @param ids the first one shows a camera */
export async function mediaParty(
  t: Pick<ExecutionContext, 'teardown'>,
  ids: readonly PeerId[],
  hooks: PartyHooks = {},
) {
  const [owner] = ids;
  const reach = new Map<PeerId, Omit<ReachOptions, 'clock'>>(ids.map((id) => [id, reachOptions(id)]));
  const identities = new Map(ids.map((id) => [id, hooks.unsigned?.includes(id) ? null : freshIdentity()]));
  const keyOf = (peer: PeerId) => identities.get(peer)?.publicKey ?? null;
  const peers = new Map<PeerId, MediaPeer>();
  const opened = new Map<PeerId, Set<PeerId>>(ids.map((id) => [id, new Set()]));
  const areApart = (one: PeerId, other: PeerId) => hooks.apart?.includes(one) && hooks.apart.includes(other);
  let seq = 0;
  const say = (message: KeysMessage, to: PeerId | 'all') => {
    if (hooks.onKeys?.(message, to) === false) return;
    for (const peer of peers.values()) {
      if (peer.id === message.from || (to !== 'all' && to !== peer.id)) continue;
      peer.tell({ type: 'transport.keys', message });
    }
  };
  const sayDigests = (message: DigestsMessage, to: PeerId) => {
    if (hooks.onDigests?.(message) !== false) peers.get(to)?.tell({ type: 'transport.digests', message });
  };
  const take = (id: PeerId, event: PeerEvent) => {
    seq += 1;
    const head = { from: id, epoch: 1, seq };
    if (event.type === 'pair.opened') opened.get(id)?.add(event.peer);
    if (event.type === 'keys.tell') say({ ...head, kind: 'media.keys', body: event.body }, event.to);
    if (event.type === 'keys.ask') say({ ...head, kind: 'media.keys.ask', body: {} }, event.to);
    if (event.type === 'digests.tell') sayDigests({ ...head, kind: 'media.digests', body: event.body }, event.to);
    if (event.type === 'digests.ask') sayDigests({ ...head, kind: 'media.digests.ask', body: event.body }, event.to);
  };
  for (const id of ids) {
    const played: Uint8Array[] = [];
    const options = {
      listen: { host: LOOPBACK, port: 0 },
      ...{ kind: 'dgram' as const, latency: 0 as const, reach: reach.get(id) ?? reachOptions(id) },
      deliver: (packet: Uint8Array) => void played.push(Uint8Array.from(packet)),
      ...{ onSenderReport: () => undefined, askSource: () => 'asked' as const, onMissing: () => undefined },
      signing: { identity: identities.get(id) ?? null, keyOf },
      ...{ expects: () => false, onRates: () => undefined },
    };
    const { transport, events, port, apply, bound } = await openTransport(t, options, (event) => take(id, event));
    const others = ids.filter((other) => other !== id);
    const members = others.map((peer): TransportMember => {
      const streams = peer === owner && !hooks.notWatching?.includes(id) ? [camera] : [];
      const told = memberAt(peer, { host: LOOPBACK, port: 9 }, streams);
      return { ...told, claim: null, key: reach.get(peer)?.keys.publicKey ?? null, isSealed: true };
    });
    peers.set(id, {
      ...{ id, transport, told: events, played, bound },
      apply: (table) => apply({ members: [...members, ...(hooks.plain ?? [])], resendLimitBps: 1e9, ...table }),
      tell: (command) => port.send(command),
    });
  }
  const all = [...peers.values()];
  for (const peer of all) peer.apply({});
  for (const peer of all) {
    for (const other of all) {
      if (other === peer || areApart(peer.id, other.id)) continue;
      const candidates = [{ kind: 'host' as const, ...other.bound }];
      peer.tell({ type: 'transport.candidates', peer: other.id, generation: 1, candidates });
    }
  }
  const reachable = (id: PeerId) => ids.filter((other) => other !== id && !areApart(id, other));
  await until(() => ids.every((id) => opened.get(id)?.size === reachable(id).length));
  return {
    of: (id: PeerId): MediaPeer => {
      const peer = peers.get(id);
      if (peer === undefined) throw new Error(`nobody is called ${id}`);
      return peer;
    },
    say,
  };
}
