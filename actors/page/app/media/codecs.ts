/** Of the browser's codecs those that the peer can carry. Nothing is transcoded: what a page sends is what others get. */

/** Without resending streams and error correction: lost packets are asked for under their own numbers (RFC 4585). */
const PLAIN = /^(?:video\/(?:VP8|H264)|audio\/opus)$/i;
/** Camera and screen: what every browser can both send and show, unless the peer would rather have another. */
const SENT_VIDEO = 'video/vp8';
/** H.264 in packets of one kind is all that programs send (RFC 6184, packetization-mode 1). */
const MODE = /packetization-mode=1/;

export function sentCodecs(kind: 'audio' | 'video', carried: readonly string[]): RTCRtpCodec[] {
  const all = usable(RTCRtpSender.getCapabilities(kind)?.codecs, carried);
  if (kind === 'audio') return all;
  const types = new Set(all.map(({ mimeType }) => mimeType.toLowerCase()));
  const best = carried.map((type) => type.toLowerCase()).find((type) => types.has(type)) ?? SENT_VIDEO;
  return all.filter(({ mimeType }) => mimeType.toLowerCase() === best);
}

export function receivedCodecs(kind: 'audio' | 'video', carried: readonly string[]): RTCRtpCodec[] {
  return usable(RTCRtpReceiver.getCapabilities(kind)?.codecs, carried);
}

/** @param carried mime types; empty: not said, all */
function usable(codecs: readonly RTCRtpCodec[] = [], carried: readonly string[]): RTCRtpCodec[] {
  const types = new Set(carried.map((type) => type.toLowerCase()));
  return codecs.filter(({ mimeType, sdpFmtpLine = '' }) => {
    const type = mimeType.toLowerCase();
    const inMode = type !== 'video/h264' || MODE.test(sdpFmtpLine);
    return PLAIN.test(mimeType) && inMode && (types.size === 0 || types.has(type));
  });
}

/** Fewer codecs make smaller offers: of 25 slots 77 kB instead of 148. */
export function preferCodecs(transceiver: RTCRtpTransceiver, codecs: RTCRtpCodec[]): void {
  if (codecs.length > 0) transceiver.setCodecPreferences?.(codecs);
}

interface HeaderExtension {
  readonly uri: string;
  direction: RTCRtpTransceiverDirection;
}

interface WithExtensions {
  getHeaderExtensionsToNegotiate?(): HeaderExtension[];
  setHeaderExtensionsToNegotiate?(extensions: HeaderExtension[]): void;
}

/** By it packets find their m-line (RFC 9143, section 14). */
const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';

/** Nobody sends header extensions to a page; without them offers of 25 slots have 55 kB. Browsers that keep them may. */
export function trimExtensions(transceiver: RTCRtpTransceiver & WithExtensions): void {
  const extensions = transceiver.getHeaderExtensionsToNegotiate?.() ?? [];
  for (const extension of extensions) if (extension.uri !== MID) extension.direction = 'stopped';
  transceiver.setHeaderExtensionsToNegotiate?.(extensions);
}
