/** Members and messages to build tests from: complete, plain, and different from each other. */
import type { Capabilities, SourceInfo } from '../../machines/messages.ts';
import { type Member, soloView, type View, withMember } from '../../machines/view.ts';

/** 1 Mbit/s: what a source sends unless a test says otherwise. */
export const RATE_BPS = 1_000_000;

/** A peer's SSRC and port follow from its id, so that no two peers of a test share one. */
const numberOf = (id: string) => [...id].reduce((number, letter) => number * 31 + letter.charCodeAt(0), 7) % 50_000;

export function source(id: string, change: Partial<SourceInfo> = {}): SourceInfo {
  const rates = { minBps: RATE_BPS, maxBps: RATE_BPS, rateBps: RATE_BPS };
  return { ssrc: numberOf(id), payloadType: 96, codec: 'VP8/90000', media: 'video', ...rates, ...change };
}

export function capabilities(id: string, change: Partial<Capabilities> = {}): Capabilities {
  const media = { host: '192.0.2.1', port: 1024 + numberOf(id) };
  return { software: 'rpr', version: '1.0.0', compatible: true, media, source: source(id), ...change };
}

export function member(id: string, change: Partial<Member> = {}): Member {
  const upload = { uploadBps: 10_000_000, usableBps: 9_500_000, lendBps: 10_000_000 };
  return { id, epoch: 1, ...capabilities(id), ...upload, leaving: false, routes: [], promisedBps: 0, ...change };
}

/** A member whose upload so many copies of a source fit. */
export function sending(id: string, epoch: number, copies: number): Member {
  const usableBps = copies * RATE_BPS;
  return member(id, { epoch, uploadBps: 2 * usableBps, usableBps, lendBps: usableBps });
}

/** What the first of these knows of a room of all of them. */
export function viewOf(self: Member, ...others: readonly Member[]): View {
  return others.reduce(withMember, soloView(self));
}
