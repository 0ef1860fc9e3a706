/** A player that decodes: ffmpeg, which tells of each frame that it puts out. */
import { createInterface } from 'node:readline';
import type { Lab } from '../lab.ts';
import { SINK_PORT } from '../programs.ts';
import type { VideoCodec } from '../sources/encoder.ts';
import type { ShownFrame } from './late-frames.ts';

/** As the filter `showinfo` writes it. */
const FRAME = /^\[Parsed_showinfo.* pts_time:(-?[\d.]+)/;

/** Opens no file, waits for nothing but the packets, and shows each frame when it is decoded. */
const EAGER = ['-probesize', '32', '-analyzeduration', '0', '-max_delay', '0', '-reorder_queue_size', '0'];

/** @returns all frames that the player of a host has shown by now, oldest first; it grows */
export function framesAt(lab: Lab, host: string, codec: VideoCodec): readonly ShownFrame[] {
  const { stderr } = lab.spawn(host, ['ffmpeg', ...decoderArguments(codec)], 'pipe').child;
  if (stderr === null) throw new Error('the program was started without pipes');
  const frames: ShownFrame[] = [];
  createInterface({ input: stderr }).on('line', (line) => {
    const seconds = FRAME.exec(line)?.[1];
    if (seconds !== undefined) frames.push({ momentMs: 1000 * Number(seconds), shownMs: performance.now() });
  });
  return frames;
}

function decoderArguments(codec: VideoCodec): string[] {
  const session = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  const stream = [`m=video ${SINK_PORT} RTP/AVP 96`, `a=rtpmap:96 ${codec}/90000`, 'a=recvonly'];
  const sdp = Buffer.from([...session, ...stream, ''].join('\r\n')).toString('base64');
  return [
    ...['-v', 'info', '-nostats', '-protocol_whitelist', 'data,udp,rtp', ...EAGER, '-threads', '1'],
    ...['-f', 'sdp', '-i', `data:application/sdp;base64,${sdp}`],
    ...['-vf', 'showinfo', '-fps_mode', 'passthrough', '-f', 'null', '-'],
  ];
}
