/** A section on its port: packets of one stream go out byte for byte as they came, those of a group as one stream. */
import { readReportSsrc } from '../../infra/rtp/reception-report.ts';
import { freshCname, writeDescription, writeGoodbye } from '../../infra/rtp/source-description.ts';
import { compoundOf } from '../reports.ts';
import { LayerSwitch } from './layer-switch.ts';
import type { Outlet } from './outlet.ts';
import type { Section } from './sections.ts';

export class Playback {
  readonly outlet: Outlet;
  readonly #layers: LayerSwitch | null;
  #section: Section;
  /** The owner's; until it has told one, a name of this stream alone. */
  #cname = freshCname();

  constructor(section: Section, outlet: Outlet) {
    this.#section = section;
    this.outlet = outlet;
    this.#layers = section.grouped ? layerSwitchOf(section) : null;
  }

  get section(): Section {
    return this.#section;
  }

  /** The same section, whose streams may have other SSRCs. */
  follow(section: Section): void {
    this.#section = section;
    this.#layers?.keepOnly(new Set(section.streams.map(({ ssrc }) => ssrc)));
  }

  deliver(packet: Uint8Array, nowMs: number): void {
    const played = this.#layers === null ? packet : this.#layers.take(packet, nowMs);
    if (played !== undefined) this.outlet.send(played);
  }

  /** @param rtcp a sender report of one of the section's streams, without blocks; `cname` is its owner's, or empty */
  report(rtcp: Uint8Array, cname: string): void {
    const told = this.#layers === null ? rtcp : this.#layers.report(rtcp);
    if (told === undefined) return;
    if (cname !== '') this.#cname = cname;
    this.outlet.sendReport(Buffer.concat([told, writeDescription([readReportSsrc(told)], this.#cname)]));
  }

  /** Tells the player that nothing more comes (RFC 3550 section 6.6); resolves once that is sent. */
  end(): Promise<void> {
    const ssrc = this.#layers?.ssrc ?? this.#section.streams[0].ssrc;
    return this.outlet.sendLastReport(compoundOf({ ssrc, cname: this.#cname }, writeGoodbye([ssrc])));
  }
}

/** Where its numbering begins is no matter: nobody but the player of this machine sees it. */
function layerSwitchOf({ streams: [{ ssrc, payloadType, codec }] }: Section): LayerSwitch {
  const { clockRate } = codec;
  return new LayerSwitch({ ssrc, payloadType, clockRate, firstSequence: 0, firstTimestamp: 0 });
}
