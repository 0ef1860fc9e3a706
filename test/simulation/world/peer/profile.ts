/** What a process tells the room of itself: what it shows, what it looks at, what its line carries, as told or as measured. */
import { downloadOf } from '../../../../actors/downlink/measure.ts';
import type { ToldUpload, UploadChoice } from '../../../../actors/uplink/upload.ts';
import type { StreamName, Wants } from '../../../../machines/messages.ts';
import type { PeerEvent } from '../../../../machines/peer.ts';
import { type Member, NO_PROFILE, type View } from '../../../../machines/view.ts';
import type { Join } from '../../script/script.ts';
import type { Measures } from '../media/wire.ts';
import type { Outlet } from '../network/access-line.ts';
import type { ProcessClock } from './process-clock.ts';
import type { Show } from './show.ts';

/** The share of its upload that a peer uses (DESIGN.md section 4). */
export const HEADROOM = 0.95;
/** Until it is measured an uplink is taken to carry so much, as `--upload auto` does, in bit/s. */
const UNMEASURED_BPS = 500_000;

/** What it looks at. */
export interface Wishes {
  readonly wants: Wants;
  readonly downloadBps: number | null;
}

export interface ProfileHost {
  readonly join: Join;
  readonly show: Show;
  readonly clock: ProcessClock;
  readonly uplink: Outlet;
  /** What its machine knows of the room; undefined before it knows anything. */
  readonly view: () => View | undefined;
  readonly tell: (event: PeerEvent) => void;
  /** It tells the room of another upload than before. */
  readonly uploadTold: () => void;
}

export class Profile {
  /** It measures its line. */
  readonly measures: boolean;
  /** What its machine was last told it has. */
  uploadBps: number;
  lendBps: number;
  /** What its downlink has shown; null: no limit. */
  #seenDownloadBps: number | null = null;
  /** What its machine was told that it looks at, and when. */
  readonly #wishes: (Wishes & { readonly atMs: number })[];
  readonly #host: ProfileHost;

  constructor(host: ProfileHost) {
    this.#host = host;
    const { auto, uploadBps, lendBps, wants, downloadBps } = host.join;
    this.measures = auto === true;
    this.uploadBps = this.measures ? UNMEASURED_BPS : uploadBps;
    this.lendBps = Math.min(this.uploadBps, lendBps);
    this.#wishes = [{ wants, downloadBps, atMs: host.clock.now() }];
  }

  /** As its machine starts with it. */
  first(self: Pick<Member, 'id' | 'epoch' | 'media' | 'key'>): Member {
    const { join, show } = this.#host;
    return {
      ...NO_PROFILE,
      ...self,
      name: '',
      software: 'rpr',
      version: '1',
      compatible: join.compatible,
      streams: show.told,
      uploadBps: this.uploadBps,
      usableBps: this.uploadBps * HEADROOM,
      lendBps: this.lendBps,
      downloadBps: join.downloadBps,
      ...{ wants: join.wants, plain: 'allow', outside: null },
    };
  }

  /** What it has, if it knows or not. */
  get trueUploadBps(): number {
    return this.measures ? this.#host.uplink.rateBps : this.uploadBps;
  }

  changeUpload(uploadBps: number): void {
    const lendBps = this.lendBps === 0 ? 0 : uploadBps;
    if (!this.measures) this.#host.uplink.rateBps = uploadBps;
    this.#tellUpload({ uploadBps, usableBps: uploadBps * HEADROOM, lendBps, line: null });
  }

  changeWishes(wishes: Wishes): void {
    this.#wishes.push({ ...wishes, atMs: this.#host.clock.now() });
    this.#tell({ wants: wishes.wants, downloadBps: this.toldDownloadBps });
  }

  /** Of all that it can show it shows these from now on. */
  showOnly(names: ReadonlySet<StreamName>): void {
    const { show } = this.#host;
    show.change(names);
    this.#tell({ streams: show.told });
  }

  get wishes(): Wishes {
    return this.wishesAt(Number.POSITIVE_INFINITY);
  }

  /** When it last changed them. */
  get wishesSinceMs(): number {
    return this.#wishes.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  }

  wishesAt(atMs: number): Wishes {
    return this.#wishes.findLast((wish) => wish.atMs <= atMs) ?? { wants: 'all', downloadBps: null };
  }

  /** What its machine was last told that it can receive. */
  get toldDownloadBps(): number | null {
    return downloadOf(this.wishes.downloadBps, this.#seenDownloadBps);
  }

  /** How it measures its line, and tells of what it finds. @param ssrc of its padding */
  measuring(ssrc: number): Measures {
    const { join, view } = this.#host;
    const choice: UploadChoice = { uploadBps: null, lendBps: join.lendBps, headroom: HEADROOM };
    return {
      ...{ ssrc, view },
      choice: () => choice,
      onUpload: (told) => this.#tellUpload(told),
      onNarrow: (narrow) => this.#tell({ narrow }),
      onLimit: (bps) => {
        this.#seenDownloadBps = bps;
        this.#tell({ downloadBps: this.toldDownloadBps });
      },
    };
  }

  #tellUpload(change: ToldUpload): void {
    this.lendBps = change.lendBps;
    this.uploadBps = change.uploadBps;
    this.#host.uploadTold();
    this.#tell(change);
  }

  #tell(change: Extract<PeerEvent, { type: 'profile.changed' }>['change']): void {
    this.#host.tell({ type: 'profile.changed', change });
  }
}
