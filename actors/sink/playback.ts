/** A section on its port: what is shown of it goes out, and what its player says comes back. */
import type { SourceShift } from '../../infra/rtcp/feedback-shift.ts';
import { shiftFeedback } from '../../infra/rtcp/feedback-shift.ts';
import { readReportSsrc } from '../../infra/rtcp/reception-report.ts';
import { freshCname, writeDescription, writeGoodbye } from '../../infra/rtcp/source-description.ts';
import { compoundOf } from '../media/reports/reports.ts';
import type { RemoteStream } from './contract.ts';
import type { Place } from './kept-places.ts';
import { LayerSwitch } from './layer-switch.ts';
import type { Outlet } from './outlet.ts';
import type { Section } from './sections.ts';
import type { ShownStream } from './shown-stream.ts';

export class Playback {
  readonly outlet: Outlet;
  readonly #shown: ShownStream;
  readonly #layers: LayerSwitch | null;
  #section: Section;
  /** The owner's; until it has told one, a name of this stream alone. */
  #cname = freshCname();

  constructor(section: Section, outlet: Outlet, shown: ShownStream) {
    this.outlet = outlet;
    this.#section = section;
    this.#shown = shown;
    this.#layers = section.grouped ? new LayerSwitch(shown) : null;
  }

  get section(): Section {
    return this.#section;
  }

  /** What is kept of it for its return. */
  get place(): Place {
    return { port: this.outlet.to.port, shown: this.#shown };
  }

  /** The same section, whose streams may have other SSRCs. */
  follow(section: Section): void {
    this.#section = section;
    this.#layers?.keepOnly(new Set(section.streams.map(({ ssrc }) => ssrc)));
  }

  deliver(packet: Uint8Array, nowMs: number): void {
    const played = (this.#layers ?? this.#shown).take(packet, nowMs);
    if (played !== undefined) this.outlet.send(played);
  }

  /** @param rtcp a sender report of one of the section's streams, without blocks; `cname` is its owner's, or empty */
  report(rtcp: Uint8Array, cname: string): void {
    const told = this.#shown.report(rtcp);
    if (told === undefined) return;
    if (cname !== '') this.#cname = cname;
    this.outlet.sendReport(Buffer.concat([told, writeDescription([readReportSsrc(told)], this.#cname)]));
  }

  /** Tells the player that nothing more comes (RFC 3550 section 6.6); resolves once that is sent. */
  async end(): Promise<void> {
    const ssrc = this.#shown.shift?.shown;
    if (ssrc === undefined) return;
    await this.outlet.sendLastReport(compoundOf({ ssrc, cname: this.#cname }, writeGoodbye([ssrc])));
  }

  /** Makes what the player sends speak of a stream as its owner sends it, in place, and tells of which. */
  translate(rtcp: Uint8Array): RemoteStream {
    const { shift } = this.#shown;
    const stream = this.#streamOf(shift);
    // Of a member that is starting anew nothing may have come yet: then it is asked under the SSRC that it has now.
    if (shift !== undefined) shiftFeedback(rtcp, { ...shift, source: stream.ssrc });
    return stream;
  }

  #streamOf(shift: SourceShift | undefined): RemoteStream {
    const { streams } = this.#section;
    return streams.find(({ ssrc }) => ssrc === shift?.source) ?? streams[0];
  }
}
