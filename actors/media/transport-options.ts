/** What a transport is given, and whom it tells. */
import type { Deliver } from '../../infra/path/contract.ts';
import type { OpenPathOptions } from '../../infra/path/open.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import type { ReachOptions } from '../reach/contract.ts';
import type { Signing } from './digests/digests.ts';
import type { DownlinkListener, UplinkListener } from './feedback/feedback.ts';
import type { KeyFramesOptions } from './key-frames/key-frames.ts';
import type { Latency } from './repair/patience.ts';

export interface TransportOptions
  extends Pick<OpenPathOptions, 'listen' | 'kind' | 'onKind'>,
    Pick<KeyFramesOptions, 'askSource' | 'onMissing'> {
  readonly deliver: Deliver;
  /** Who we are to the others' checks. */
  readonly reach: Omit<ReachOptions, 'clock'>;
  /** Who signs what it sends; left out: nobody does. */
  readonly signing?: Pick<Signing, 'identity' | 'keyOf'>;
  /** How long a packet waits for one before it that is missing. */
  readonly latency: Latency;
  /**
   * A member's report on one of its streams, for whoever plays it, only valid during the call; and the member's CNAME, empty where
   * it tells none.
   */
  readonly onSenderReport: (packet: Uint8Array, cname: string) => void;
  /** A member has something urgent to say, and has proved that it is from it. */
  readonly onUrgent?: (kind: string, from: PeerId, text: string) => void;
  /** RTCP of a member has come; only valid during the call. */
  readonly onHeard?: (peer: PeerId, datagram: Uint8Array) => void;
  /** Whether this member sends us this stream, so that what does not come of it is missing. */
  readonly expects: (owner: PeerId, stream: StreamName) => boolean;
  /** Hears what leaves for members, and what they say has come of it. */
  readonly uplink?: UplinkListener;
  /** Hears what comes, and when what members say was written. */
  readonly downlink?: DownlinkListener;
  /** The rates that the own streams should have, in bit/s; 0: nobody receives it. */
  readonly onRates: (rates: ReadonlyMap<StreamName, number>) => void;
}
