/**
 * The peers of the room: each has a voice for all and a camera for six. Some have less upload than that takes, so that others
 * relay for them.
 */
import type { StreamInfo, Want } from '../../../machines/messages.ts';
import { type Member, NO_PROFILE } from '../../../machines/view.ts';

/** The share of its upload that a peer uses (DESIGN.md section 4). */
const HEADROOM = 0.95;
const VOICE_BPS = 32_000;
const CAMERA_BPS = { minBps: 100_000, maxBps: 1_000_000 };
/** Cameras that a person looks at. */
const WATCHED = 6;
/** Uplinks in Mbit/s, in turn: medians of home and mobile connections, and a tail of poor ones. */
const UPLINKS_MBPS = [30.6, 0.5, 22.3, 14.8, 3, 12, 11.7, 9.1, 1.5, 7];
/** Nobody is there: the bench's peers send no media. RFC 5737. */
const NOWHERE = '192.0.2.1';
const FIRST_PORT = 1024;

export const memberId = (index: number) => `P${index}`;

/** @param size of the room when it is full */
export function benchMember(index: number, size: number): Member {
  const uploadBps = 1e6 * (UPLINKS_MBPS[index % UPLINKS_MBPS.length] ?? 1);
  return {
    ...NO_PROFILE,
    id: memberId(index),
    epoch: Date.now() * 1000 + index,
    name: '',
    software: 'bench',
    version: '1',
    compatible: true,
    media: { host: NOWHERE, port: FIRST_PORT + index },
    ...{ key: null, outside: null },
    streams: [
      stream('voice', 2 * index, { codec: 'opus/48000/2', media: 'audio', minBps: VOICE_BPS, maxBps: VOICE_BPS }),
      stream('camera', 2 * index + 1, { codec: 'VP8/90000', media: 'video', ...CAMERA_BPS }),
    ],
    uploadBps,
    usableBps: uploadBps * HEADROOM,
    lendBps: uploadBps,
    wants: wantsOf(index, size),
  };
}

function stream(
  name: string,
  ssrc: number,
  rest: Pick<StreamInfo, 'codec' | 'media' | 'minBps' | 'maxBps'>,
): StreamInfo {
  return { name, ssrc, payloadType: 96, fmtp: '', rateBps: rest.minBps, group: null, layer: 0, ...rest };
}

/** The voices of all, and the cameras of those who come next. */
function wantsOf(index: number, size: number): Want[] {
  const others = Array.from({ length: size - 1 }, (_, ahead) => memberId((index + 1 + ahead) % size));
  const watched = others.slice(0, WATCHED);
  return [
    ...others.map((source) => ({ source, stream: 'voice' })),
    ...watched.map((source) => ({ source, stream: 'camera' })),
  ];
}
