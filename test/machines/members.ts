/** Members and messages to build tests from: complete, plain, and different from each other. */
import type { Body, Capabilities, StreamInfo } from '../../machines/messages.ts';
import { packRoutes } from '../../machines/signaling/routes-on-wire.ts';
import { type Member, NO_PROFILE, soloView, type View, withMember } from '../../machines/view.ts';

/** 1 Mbit/s: what a camera sends unless a test says otherwise. */
export const RATE_BPS = 1_000_000;
/** What a voice sends. */
export const VOICE_BPS = 32_000;

/** A peer's SSRCs and port follow from its id, so that no two peers of a test share one. */
const numberOf = (id: string) => [...id].reduce((number, letter) => number * 31 + letter.charCodeAt(0), 7) % 50_000;
/** What the SSRCs of two streams of one peer differ by, at least. */
const APART = 100_000;

/** A peer's camera. */
export function stream(id: string, change: Partial<StreamInfo> = {}): StreamInfo {
  const rates = { minBps: RATE_BPS, maxBps: RATE_BPS, rateBps: RATE_BPS };
  const format = { payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' } as const;
  return { name: 'camera', ssrc: numberOf(id), ...format, ...rates, group: null, layer: 0, ...change };
}

/** A peer's voice. */
export function voice(id: string, change: Partial<StreamInfo> = {}): StreamInfo {
  const rates = { minBps: VOICE_BPS, maxBps: VOICE_BPS, rateBps: VOICE_BPS };
  const format = { payloadType: 111, codec: 'opus/48000/2', fmtp: '', media: 'audio' } as const;
  return stream(id, { name: 'voice', ssrc: APART + numberOf(id), ...format, ...rates, ...change });
}

export function capabilities(id: string, change: Partial<Capabilities> = {}): Capabilities {
  const port = 1024 + numberOf(id);
  const media = { host: '192.0.2.1', port, rtcpPort: port };
  const software = { name: '', software: 'rpr', version: '1.0.0', compatible: true };
  const told = { key: null, outside: null, wants: 'all', plain: 'allow' } as const;
  return { ...software, ...told, media, streams: [stream(id)], ...change };
}

const UPLOAD = { uploadBps: 10_000_000, usableBps: 9_500_000, lendBps: 10_000_000 };

export function member(id: string, change: Partial<Member> = {}): Member {
  return { id, epoch: 1, ...NO_PROFILE, ...capabilities(id), ...UPLOAD, ...change };
}

/** A member whose upload so many copies of a camera fit. */
export function sending(id: string, epoch: number, copies: number): Member {
  const usableBps = copies * RATE_BPS;
  return member(id, { epoch, uploadBps: 2 * usableBps, usableBps, lendBps: usableBps });
}

/** What a member's profile of this number says. */
export function profile(told: Member, number = 1): Body<'profile'> {
  const { id: _, epoch: _epoch, profile: _number, routes, agreements, streams, cut, costly, ...rest } = told;
  return {
    ...rest,
    number,
    streams: [...streams],
    cut: [...cut],
    costly: [...costly],
    agreements: [...agreements],
    ...packRoutes(streams, routes),
  };
}

/** What the first of these knows of a room of all of them. */
export function viewOf(self: Member, ...others: readonly Member[]): View {
  return others.reduce(withMember, soloView(self));
}
