/** What a simulated media path needs of the process that it belongs to. */
import type { Signing } from '../../../../actors/media/digests/digests.ts';
import type { ReachOptions } from '../../../../actors/reach/contract.ts';
import type { InterfaceAddress } from '../../../../infra/network/interfaces.ts';
import type { Endpoint } from '../../../../infra/path/contract.ts';
import type { Kind, PeerId, StreamName } from '../../../../machines/messages.ts';
import type { ProcessClock } from '../peer/process-clock.ts';
import type { Datagram } from './datagram.ts';
import type { SealedMediaHost } from './sealed-media.ts';
import type { MediaPacket, MediaSource } from './source.ts';
import type { WireOptions } from './wire.ts';

export interface SealingOptions
  extends Pick<SealedMediaHost, 'freshKey' | 'forges' | 'forgery' | 'hereSinceMs' | 'wishesSinceMs' | 'violate'> {
  /** How it and others sign. */
  readonly signing: Pick<Signing, 'identity' | 'keyOf'>;
}

export interface TransportHost {
  readonly clock: ProcessClock;
  /** What its socket is bound to. */
  readonly bound: Endpoint;
  /** The addresses that its machine has. */
  readonly interfaces: () => readonly InterfaceAddress[];
  /** Who it is to the checks of others. */
  readonly reach: Omit<ReachOptions, 'clock'>;
  /** Of the own streams. */
  readonly sources: ReadonlyMap<StreamName, MediaSource>;
  /** How long video of so many bits waits for its turn, undefined where it is dropped; null: nobody paces it, or whoever measures does. */
  readonly pacing: (bits: number) => { readonly waitMs: number | undefined } | null;
  /** For how long video has waited whose turn comes now, in ms. */
  readonly waitedMs: () => number;
  /** @param hasWaited its turn at the uplink has come */
  readonly send: (to: Endpoint, bits: number, datagram: Datagram, hasWaited: boolean) => void;
  /** A voice packet leaves. */
  readonly sent: (packet: MediaPacket) => void;
  readonly deliver: (packet: MediaPacket, hops: number) => void;
  /** A member has something urgent to say. */
  readonly hurried: (kind: Kind, from: PeerId, text: string) => void;
  /** The SSRCs that are played from now on. */
  readonly playOnly: (ssrcs: ReadonlySet<number>) => void;
  /** Whether this member says that it sends us this stream. */
  readonly expects: (owner: PeerId, stream: StreamName) => boolean;
  /** Packets are as large as on the wire; null: they stand for many small ones. */
  readonly wire: WireOptions | null;
  /** Media between members that speak RPR is sealed, as it is in a real room; null: every hop gets the same packets. */
  readonly sealing: SealingOptions | null;
  /** Null: RTCP goes as it is. */
  readonly rtcpTruth: SealedMediaHost['rtcpTruth'];
  /** The table is another one; `moved`: a route is not what it was. */
  readonly changed: (moved: boolean) => void;
}
