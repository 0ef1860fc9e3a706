/** What a call follows of the others in its room. */
import { parseCodec } from '../../infra/codec/codec.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import { othersOf, type View } from '../../machines/view.ts';
import type { RemoteStream } from '../sink/contract.ts';

/** Which members have started anew since they were last seen. */
export class EpochWatch {
  #epochs: ReadonlyMap<PeerId, number> = new Map();

  startedAnew(view: View): PeerId[] {
    const before = this.#epochs;
    this.#epochs = new Map(othersOf(view).map(({ id, epoch }) => [id, epoch]));
    return [...this.#epochs].flatMap(([id, epoch]) => (before.has(id) && before.get(id) !== epoch ? [id] : []));
  }
}

export function streamsOfOthers(view: View): Map<PeerId, ReadonlySet<StreamName>> {
  return new Map(othersOf(view).map(({ id, streams }) => [id, new Set(streams.map(({ name }) => name))]));
}

/** The remote streams that a sink can play. */
export function playable(view: View): RemoteStream[] {
  return othersOf(view).flatMap(({ id: peer, streams }) =>
    streams.flatMap(({ name: stream, ssrc, codec: text, payloadType, media, fmtp, group }) => {
      const codec = parseCodec(text);
      return codec === undefined ? [] : [{ peer, stream, ssrc, media, codec, payloadType, fmtp, group }];
    }),
  );
}
