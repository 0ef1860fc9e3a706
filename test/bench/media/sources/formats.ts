/** What our own programs send: streams that are VP8 and Opus by all that their packets show, and nothing that a decoder would take. */

export interface Format {
  readonly payloadType: number;
  /** Ticks of the RTP timestamp in a second. */
  readonly clockRate: number;
  /** As the option `--codec` takes it. */
  readonly codec: string;
  /** What is declared of it, as the option `--bitrate` takes it. */
  readonly bitrate: string;
}

/** RFC 7741 section 4.1. */
export const CAMERA: Format = { payloadType: 96, clockRate: 90_000, codec: 'VP8/90000', bitrate: '1mbit' };
/** RFC 7587 section 4.1. */
export const VOICE: Format = { payloadType: 111, clockRate: 48_000, codec: 'opus/48000/2', bitrate: '80k' };
