/** Format parameters of SDP (RFC 8866 section 6.15, `fmtp`): what codecs have to be told beyond their names. */
import type { Codec } from '../codec/codec.ts';

/** Frequencies by their index in AAC's own configuration (ISO/IEC 14496-3, table 1.18), in Hz. */
const AAC_HZ = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
/** Object type of AAC-LC, which is what nearly every encoder makes. */
const AAC_LC = 2;
/** Channels by their configuration number (table 1.19): the number itself, but that 7 stands for eight. */
const AAC_CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

/** Sections of these codecs' RFCs demand parameters that nobody but the encoder knows (RFC 5215, RFC 6416, RFC 3640). */
const TOLD_BY_ENCODER = new Set(['vorbis', 'theora', 'mp4a-latm', 'mpeg4-generic']);

/**
 * What a codec that is not told its parameters has as a rule; undefined: it needs none, or nobody can know them. H264:
 * everything but the oldest devices fragments its frames (RFC 6184 section 6.3), and the default would forbid that.
 * mpeg4-generic: AAC-LC as one frame of high rate (RFC 3640 section 3.3.6), whose configuration follows from the codec.
 */
export function usualParameters(codec: Codec): string | undefined {
  const name = codec.name.toLowerCase();
  if (name === 'h264') return 'packetization-mode=1';
  return name === 'mpeg4-generic' ? aacParameters(codec) : undefined;
}

/** Whether players can make something of the codec with these parameters, empty for none. */
export function isDescribed(codec: Codec, parameters: string): boolean {
  return parameters !== '' || !TOLD_BY_ENCODER.has(codec.name.toLowerCase()) || usualParameters(codec) !== undefined;
}

/** The value of one parameter; undefined: it is not there. */
export function parameterOf(parameters: string, name: string): string | undefined {
  for (const pair of parameters.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim().toLowerCase() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

function aacParameters({ clockRate, channels = 1 }: Codec): string | undefined {
  const frequency = AAC_HZ.indexOf(clockRate);
  const configuration = AAC_CHANNELS.indexOf(channels);
  if (frequency < 0 || configuration < 1) return undefined;
  // 5 bits of object type, 4 of frequency, 4 of channels, and three flags that are 0.
  const config = (AAC_LC << 11) | (frequency << 7) | (configuration << 3);
  const text = config.toString(16).padStart(4, '0');
  return `streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=${text}`;
}
