/**
 * The NAL units of H.264 (RFC 6184) and H.265 (RFC 7798) in RTP payloads: which of them are parameter sets, without which nothing
 * can be decoded, and which begin a picture that can be decoded with nothing else.
 */

/** `whole`: its bytes are all here; else a fragment's first piece. */
export interface NalUnit {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly whole: boolean;
}

/** How one of the two formats is read. */
export interface NalFormat {
  /** As people call it. */
  readonly name: string;
  /** Types of parameter sets, in the order in which decoders want them. */
  readonly parameterSets: readonly number[];
  /** The format parameters that hold them, in base64, with commas between them. */
  readonly parameters: readonly string[];
  typeOf(firstByte: number): number;
  isKeyPicture(type: number): boolean;
  /** Which type is an aggregate, which a fragment, and how long a unit's header is. */
  readonly aggregate: number;
  readonly fragment: number;
  readonly headerBytes: number;
  /** In the byte behind the fragment's header. */
  readonly fragmentType: number;
}

const FRAGMENT_STARTS = 0x80;
const LENGTH_BYTES = 2;

/** RFC 6184: SPS and PPS; IDR pictures; STAP-A and FU-A, those of packetization mode 1. */
const H264: NalFormat = {
  name: 'H.264',
  parameterSets: [7, 8],
  parameters: ['sprop-parameter-sets'],
  typeOf: (firstByte) => firstByte & 0x1f,
  isKeyPicture: (type) => type === 5,
  ...{ aggregate: 24, fragment: 28, headerBytes: 1, fragmentType: 0x1f },
};

/** RFC 7798: VPS, SPS and PPS; pictures of random access; AP and FU. */
const H265: NalFormat = {
  name: 'H.265',
  parameterSets: [32, 33, 34],
  parameters: ['sprop-vps', 'sprop-sps', 'sprop-pps'],
  typeOf: (firstByte) => (firstByte >>> 1) & 0x3f,
  isKeyPicture: (type) => type >= 16 && type <= 21,
  ...{ aggregate: 48, fragment: 49, headerBytes: 2, fragmentType: 0x3f },
};

/** How units of this codec are read, by its name in SDP; undefined: it has none. */
export function nalFormatOf(codec: string): NalFormat | undefined {
  const name = codec.toLowerCase();
  if (name === 'h264') return H264;
  return name === 'h265' ? H265 : undefined;
}

/** The units that begin in a payload, as far as it is well formed. */
export function* nalUnitsIn(payload: Uint8Array, format: NalFormat): Generator<NalUnit> {
  const { headerBytes, aggregate, fragment, fragmentType } = format;
  if (payload.length <= headerBytes) return;
  const type = format.typeOf(payload[0] ?? 0);
  if (type === fragment) {
    const head = payload[headerBytes] ?? 0;
    if ((head & FRAGMENT_STARTS) !== 0) yield { type: head & fragmentType, bytes: payload, whole: false };
  } else if (type === aggregate) yield* aggregated(payload, format);
  else yield { type, bytes: payload, whole: true };
}

function* aggregated(payload: Uint8Array, { headerBytes, typeOf }: NalFormat): Generator<NalUnit> {
  let at = headerBytes;
  while (at + LENGTH_BYTES < payload.length) {
    const start = at + LENGTH_BYTES;
    const end = start + (((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0));
    if (end > payload.length || end === start) return;
    const bytes = payload.subarray(start, end);
    yield { type: typeOf(bytes[0] ?? 0), bytes, whole: true };
    at = end;
  }
}
