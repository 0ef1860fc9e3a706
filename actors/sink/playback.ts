/** A section on its port: what is shown of it goes out, and what its player says comes back. */
import type { SourceShift } from '../../infra/rtp/feedback-shift.ts';
import { shiftFeedback } from '../../infra/rtp/feedback-shift.ts';
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

  /** @param rtcp a sender report of one of the section's streams */
  report(rtcp: Uint8Array): void {
    const told = this.#shown.report(rtcp);
    if (told !== undefined) this.outlet.sendReport(told);
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
