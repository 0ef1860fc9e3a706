/** What a process of a peer starts in: the world as all processes share it, and where this one is in it. */
import type { Keys } from '../../../actors/bus/sealing/contract.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import type { BusTruth, RtcpTruth } from '../verdict/bus-truth.ts';
import type { Forgers } from '../verdict/forgers.ts';
import type { Trace } from '../verdict/trace.ts';
import type { VoiceWatch } from '../verdict/voice.ts';
import type { Bus } from './bus/bus.ts';
import type { Identities } from './bus/identities.ts';
import type { VirtualClock } from './clock.ts';
import type { Datagram } from './media/datagram.ts';
import type { Window } from './media/delivery.ts';
import type { SealedMediaHost } from './media/sealed-media.ts';
import type { AccessLine, Outlet } from './network/access-line.ts';
import type { Site } from './network/internet.ts';
import type { PeerProcess } from './peer/peer-process.ts';

export interface Surroundings {
  readonly clock: VirtualClock;
  readonly bus: Bus;
  readonly trace: Trace;
  readonly voices: VoiceWatch;
  readonly forgers: Forgers;
  readonly window: Window;
  readonly packetsPerSecond: number;
  /** Packets are as large as on the wire. */
  readonly isWire: boolean;
  /** Encoders send key frames. */
  readonly isBursty: boolean;
  /** Media is sealed. */
  readonly isSealed: boolean;
  readonly send: (from: PeerProcess, to: Endpoint, bits: number, datagram: Datagram, hasWaited: boolean) => void;
  readonly afterStep: (process: PeerProcess) => void;
  readonly violate: (text: string) => void;
  /** How everybody signs what it has sent of its streams, where nobody signs on the bus. */
  readonly identities: Identities;
  readonly busTruth: BusTruth;
  readonly rtcpTruth: RtcpTruth;
  readonly hereSinceMs: SealedMediaHost['hereSinceMs'];
  /** It tells the room of another upload than before. */
  readonly uploadTold: (process: PeerProcess) => void;
  /** A route or a rate is not what it was. */
  readonly changed: () => void;
}

/** Where a process starts. */
export interface ProcessSetting {
  readonly epoch: number;
  readonly site: Site<PeerProcess>;
  readonly uplink: Outlet;
  readonly downlink: AccessLine | null;
  /** How it speaks on the bus, and whom it believes; null: nobody signs there. */
  readonly keys: Keys | null;
}
