/** The part of a packet path that touches the socket: what `dgram` and `batched` do each in their own way. */
import type { Deliver, Endpoint, PacketPath } from './contract.ts';
import type { CounterBlock } from './counters.ts';
import type { PacketLog } from './kept/packet-log.ts';
import type { Pace } from './pace/pace.ts';
import type { PathState } from './state.ts';
import type { StreamEntry, TableChange } from './table/table.ts';

/** What a mover works on; it stays when another mover takes over. */
export interface MoverContext {
  readonly state: PathState;
  /** Of the main thread. */
  readonly counters: CounterBlock;
  readonly bound: Endpoint;
  readonly deliver: Deliver;
  readonly onRtcp: (packet: Uint8Array, from: Endpoint) => void;
  /** The sender as the system writes it; `local` where the mover knows it. */
  readonly onStun: (packet: Uint8Array, from: Endpoint, local: string | null) => void;
  readonly now: () => number;
  /** What comes is noted there, by the main thread. */
  readonly log: PacketLog;
  /** What leaves counts against it, whoever sends it. */
  readonly pace: Pace;
  /** A received packet is to be forwarded, when its turn comes. Its bytes stay as they are. */
  readonly forward: (packet: Uint8Array, stream: StreamEntry) => void;
}

/** Where a single datagram goes, and which of our addresses it leaves from; left out: the system chooses. */
export interface Target extends Endpoint {
  readonly from?: string | undefined;
}

export interface Mover {
  readonly kind: PacketPath['kind'];
  /** The state has a new table, in which `change` is not as it was. */
  tableChanged(change: TableChange): void;
  /**
   * Sends a packet to those receivers of `stream` that its slice goes to.
   *
   * @param forwarded whether it is another peer's; its bytes stay as they are then, others are copied
   * @returns false where the send buffer is full, and nothing was sent
   */
  sendAlong(packet: Uint8Array, stream: StreamEntry, forwarded: boolean): boolean;
  /**
   * Sends each of `datagrams` to `to`, in order, and copies the bytes. `dgram` cannot choose where they leave from.
   *
   * @param urgent keeps its place where video would be dropped
   * @returns how many were handed to the kernel
   */
  sendEach(datagrams: Iterable<Uint8Array>, to: Target, urgent: boolean): number;
  /** Stops, and lets go of the socket. */
  close(): Promise<void>;
}
