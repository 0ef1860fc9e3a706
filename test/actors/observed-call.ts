/** A call as status and reports read it: two others in the room, and a meter that packets are recorded with. */
import { Meter, SHORT_MEMORY } from '../../actors/sink/meter.ts';
import { writeSequence, writeTimestamp } from '../../infra/rtp/write.ts';
import type { PeerId, StreamInfo, StreamName } from '../../machines/messages.ts';
import { type Member, NO_PROFILE, type View } from '../../machines/view.ts';

const SSRCS: Readonly<Record<string, number>> = { camera: 1, voice: 2, screen: 3 };

const codecOf = (name: StreamName) =>
  name === 'voice'
    ? ({ codec: 'opus/48000/2', media: 'audio' } as const)
    : ({ codec: 'VP8/90000', media: 'video' } as const);

export const streamOf = (name: StreamName): StreamInfo => ({
  ...{ name, ssrc: SSRCS[name] ?? 9, payloadType: 96, fmtp: '', ...codecOf(name) },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
});

export const memberOf = (id: PeerId, streams: readonly StreamName[], changes: Partial<Member> = {}): Member => ({
  ...NO_PROFILE,
  ...{ id, name: '', epoch: 1, software: 'rpr', version: '1', compatible: true, key: null, outside: null },
  media: { host: '10.0.0.1', port: 5000 },
  ...{ streams: streams.map(streamOf), uploadBps: 1e7, usableBps: 9e6, lendBps: 5e6 },
  ...changes,
});

export const viewOf = (...members: readonly [Member, ...Member[]]): View => ({
  self: members[0].id,
  members: new Map(members.map((member) => [member.id, member])),
});

export class RecordedMeter {
  nowMs = 0;
  readonly meter = new Meter(() => this.nowMs, SHORT_MEMORY);

  /** Packets of 125 bytes, 1000 bit, one after the other. */
  record(owner: PeerId, stream: StreamName, from: PeerId, ...sequences: readonly number[]): void {
    for (const sequence of sequences) {
      const packet = new Uint8Array(125);
      writeSequence(packet, sequence);
      this.meter.record(packet, owner, stream, from);
    }
  }

  /** A frame of one packet, at the meter's time. */
  frame(owner: PeerId, stream: StreamName, timestamp: number, sequence: number): void {
    const packet = new Uint8Array(125);
    writeSequence(packet, sequence);
    writeTimestamp(packet, timestamp);
    this.meter.record(packet, owner, stream, owner);
  }
}
