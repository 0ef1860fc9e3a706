/** Notices programs that stop feeding a stream. */
import type { StreamName } from '../../machines/messages.ts';
import { type DeliveryNews, MISSING_AFTER_MS } from './contract.ts';

/** Encoders of voice send nothing while nobody speaks, but a little now and then (DTX): that is no end. In ms. */
const QUIET_VOICE_MS = 10_000;

export interface Fed {
  readonly stream: StreamName;
  readonly media: 'audio' | 'video';
  /** That have come of the program: 0 until it begins. */
  readonly packets: number;
}

interface Watched {
  packets: number;
  changedMs: number;
  stopped: boolean;
}

export class ProgramWatch {
  readonly #watched = new Map<StreamName, Watched>();

  hasStopped(stream: StreamName): boolean {
    return this.#watched.get(stream)?.stopped ?? false;
  }

  /** To be called twice a second or so with all streams that programs feed. @returns what has changed */
  observe(streams: readonly Fed[], nowMs: number): DeliveryNews[] {
    const fed = new Set(streams.map(({ stream }) => stream));
    for (const stream of this.#watched.keys()) if (!fed.has(stream)) this.#watched.delete(stream);
    return streams.flatMap(({ stream, media, packets }): DeliveryNews[] => {
      const watched = this.#watched.get(stream) ?? { packets: 0, changedMs: nowMs, stopped: false };
      this.#watched.set(stream, watched);
      if (packets !== watched.packets) {
        watched.packets = packets;
        watched.changedMs = nowMs;
        if (!watched.stopped) return [];
        watched.stopped = false;
        return [{ type: 'program.resumed', stream }];
      }
      const patience = media === 'audio' ? QUIET_VOICE_MS : MISSING_AFTER_MS;
      if (watched.stopped || packets === 0 || nowMs - watched.changedMs < patience) return [];
      watched.stopped = true;
      return [{ type: 'program.stopped', stream }];
    });
  }
}
