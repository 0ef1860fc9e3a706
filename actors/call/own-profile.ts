/** What the room is told of us from one moment to the next: what we show, what we can send, and what we receive. */
import type { StreamInfo, StreamName, Wants } from '../../machines/messages.ts';
import type { ProfileChange } from '../../machines/signaling/contract.ts';
import { downloadOf } from '../downlink/measure.ts';
import type { PeerOptions } from '../options/contract.ts';
import { toldAtFirst, type UploadChoice } from '../uplink/upload.ts';

export class OwnProfile {
  readonly #options: Pick<PeerOptions, 'compatible' | 'headroom'>;
  readonly #tell: (change: ProfileChange) => void;
  /** What we show, but for SSRCs that the machines have given away since. */
  #streams: readonly StreamInfo[];
  #choice: UploadChoice;
  /** What we were told that we can receive, and what the line has shown, bit/s; null: no matter. */
  #toldDownloadBps: number | null;
  #seenDownloadBps: number | null = null;

  /** @param tell takes what is new; before we join, the machines take it as they start */
  constructor(options: PeerOptions, streams: readonly StreamInfo[], tell: (change: ProfileChange) => void) {
    this.#options = options;
    this.#tell = tell;
    this.#streams = streams;
    this.#choice = options;
    this.#toldDownloadBps = options.downloadBps;
  }

  /** In the order in which they began. */
  get streams(): readonly StreamInfo[] {
    return this.#streams;
  }

  /** Shows one more stream from now on; no other has its name. */
  addStream(stream: StreamInfo): void {
    this.#show([...this.#streams, stream]);
  }

  removeStream(name: StreamName): void {
    this.#show(this.#streams.filter((own) => own.name !== name));
  }

  /** The most that an own stream can take from now on, bit/s: what its program really sends. */
  setMost(stream: StreamName, mostBps: number): void {
    this.#show(
      this.#streams.map((own) => (own.name === stream ? { ...own, maxBps: Math.max(own.minBps, mostBps) } : own)),
    );
  }

  #show(streams: readonly StreamInfo[]): void {
    this.#streams = streams;
    this.#tell({ streams });
  }

  /** What a person has said of the uplink. */
  get choice(): UploadChoice {
    return this.#choice;
  }

  /** What the peer has and lends from now on, bit/s: as if it had been told so from the beginning. */
  setUpload(uploadBps: number, lendBps: number): void {
    const { headroom, compatible } = this.#options;
    this.#choice = { uploadBps, lendBps, headroom };
    this.#tell(toldAtFirst(this.#choice, compatible));
  }

  /** What the peer receives from now on, and how much it can, bit/s. */
  setWants({ wants, downloadBps }: { readonly wants?: Wants; readonly downloadBps?: number | null }): void {
    if (downloadBps !== undefined) this.#toldDownloadBps = downloadBps;
    this.#tell({ ...(wants && { wants }), ...(downloadBps !== undefined && { downloadBps: this.#downloadBps }) });
  }

  /** The most that the line is seen to bring, bit/s; null: it has shown no limit. */
  setSeenDownload(bps: number | null): void {
    this.#seenDownloadBps = bps;
    this.#tell({ downloadBps: this.#downloadBps });
  }

  /** What we were told, and no more than the line has shown. */
  get #downloadBps(): number | null {
    return downloadOf(this.#toldDownloadBps, this.#seenDownloadBps);
  }
}
