/** ffmpeg as a source: a test picture, encoded as a camera's would be. */

export type VideoCodec = 'VP8' | 'H264';

export const FRAMES_PER_SECOND = 30;
/** Of the 90 kHz clock of video (RFC 3551 section 4.3.8, RFC 7741 section 4.1). */
export const FRAME_TICKS = 90_000 / FRAMES_PER_SECOND;

const ENCODERS: Readonly<Record<VideoCodec, readonly string[]>> = {
  VP8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-error-resilient', '1'],
  H264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-x264-params', 'repeat-headers=1'],
};

/** The arguments of an ffmpeg that sends 1 Mbit/s to this port of its host, a key frame each second, until it is stopped. */
export function encoderArguments(codec: VideoCodec, port: number): string[] {
  return [
    ...['-v', 'error', '-re', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=${FRAMES_PER_SECOND}`],
    ...(ENCODERS[codec] ?? []),
    ...['-pix_fmt', 'yuv420p', '-g', String(FRAMES_PER_SECOND), '-b:v', '900k', '-maxrate', '900k', '-bufsize', '450k'],
    ...['-payload_type', '96', '-f', 'rtp', `rtp://127.0.0.1:${port}?pkt_size=1200`],
  ];
}
