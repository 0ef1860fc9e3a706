/** RTCP of members, once it is known whose it is: each part of it goes to whoever it is for. */
import { readForwardReports } from '../../infra/rtcp/forward-report.ts';
import { readSenderReports } from '../../infra/rtcp/reception-report.ts';
import { readSealedTexts } from '../../infra/rtcp/sealed-text.ts';
import { readCnames } from '../../infra/rtcp/source-description.ts';
import { readStoppedReport } from '../../infra/rtcp/stopped-report.ts';
import { MAX_STREAMS, type PeerId } from '../../machines/messages.ts';
import type { Digests } from './digests/digests.ts';
import type { Feedback } from './feedback/feedback.ts';
import type { KeyFrames } from './key-frames/key-frames.ts';
import type { MediaWatch } from './media-watch.ts';
import type { Repair } from './repair/repair.ts';
import type { RelayedReports } from './reports/relayed-reports.ts';
import type { Reporter } from './reports/reporter.ts';
import type { TransportOptions } from './transport-options.ts';

/** The kind of a message, and what it says. */
const URGENT = /^([a-z.]+) (.*)$/s;

export interface MemberRtcpOptions extends Pick<TransportOptions, 'onHeard' | 'onSenderReport' | 'onUrgent'> {
  readonly digests: Digests;
  readonly feedback: Feedback;
  readonly keyFrames: KeyFrames;
  readonly relayedReports: RelayedReports;
  readonly repair: Repair;
  readonly reporter: Reporter;
  readonly watch: MediaWatch;
  /** Whose stream this is. */
  readonly ownerOf: (ssrc: number) => PeerId | undefined;
  readonly keyOf: (peer: PeerId) => Uint8Array | undefined;
}

export class MemberRtcp {
  readonly #options: MemberRtcpOptions;

  constructor(options: MemberRtcpOptions) {
    this.#options = options;
  }

  /** @param datagram as it was before it was sealed; only valid during the call */
  take(peer: PeerId, datagram: Uint8Array): void {
    const { digests, feedback, keyFrames, repair, reporter, watch, onHeard } = this.#options;
    onHeard?.(peer, datagram);
    digests.takeRtcp(peer, datagram);
    feedback.take(peer, datagram);
    this.#takeSenderReports(datagram, peer);
    reporter.takeBlocks(peer, datagram);
    keyFrames.take(peer, datagram);
    repair.takeRtcp(datagram, peer);
    this.#takeUrgent(datagram, peer);
    const stopped = readStoppedReport(datagram, MAX_STREAMS);
    if (stopped.length > 0) watch.stoppedReported(peer, stopped);
    for (const report of readForwardReports(datagram)) watch.forwardReported(report, peer);
  }

  #takeUrgent(datagram: Uint8Array, peer: PeerId): void {
    const { keyOf, onUrgent } = this.#options;
    for (const sealed of readSealedTexts(datagram, () => keyOf(peer))) {
      const [, kind = '', text = ''] = URGENT.exec(sealed) ?? [];
      onUrgent?.(kind, peer, text);
    }
  }

  /** What a member says it has sent of its own streams, or of those it relays: for whoever plays them, and against what has come. */
  #takeSenderReports(datagram: Uint8Array, peer: PeerId): void {
    const { feedback, relayedReports, reporter, watch, ownerOf, onSenderReport } = this.#options;
    const reports = readSenderReports(datagram, MAX_STREAMS);
    const cnames = reports.length === 0 ? undefined : readCnames(datagram);
    for (const { ssrc, packets, shortNtp, report } of reports) {
      const owner = ownerOf(ssrc);
      const cname = cnames?.get(ssrc) ?? '';
      if (owner === peer) {
        watch.ownerReported(ssrc, packets);
        reporter.reported(ssrc, shortNtp);
        feedback.takeSenderReport(peer, shortNtp);
        relayedReports.pass(peer, ssrc, report, cname, performance.now());
      } else if (owner === undefined || !relayedReports.mayTell(peer, owner)) continue;
      onSenderReport(report, cname);
    }
  }
}
