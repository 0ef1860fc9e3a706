/**
 * By which key this peer knows each id. Whoever is met for the first time is remembered; an id that is known is believed under
 * its key alone, until the user says otherwise by `rpr trust`.
 */
import type { PeerId } from '../../machines/messages.ts';
import type { KnownKeys } from '../bus/sealing/contract.ts';
import { type KnownMember, MAX_KNOWN, readKnown, withRefused, writeKnown } from './known-file.ts';

/** A room that joins is written once. In ms. */
const GATHERING_MS = 200;
/** Of two processes that write at once one loses: each looks whether what it wrote is still there, so much later at most. In ms. */
const LOOK_AGAIN_MS = 3_000;
const LOOKS_AGAIN = 3;
/** How often it is looked whether the user has said that another key is right, in ms. */
const LOOK_MS = 1_000;

export interface KnownMembersOptions {
  /** Null: nobody is remembered beyond this process. */
  readonly path: string | null;
  readonly onFailed: (error: Error) => void;
}

export class KnownMembers implements KnownKeys {
  readonly #options: KnownMembersOptions;
  readonly #known: Map<PeerId, KnownMember>;
  /** Who speaks under another key now, and under which. */
  readonly #refused = new Map<PeerId, string>();
  /** Ids of which we have something to say: whom we have met, and who has spoken under another key. */
  readonly #told = new Set<PeerId>();
  #timer: NodeJS.Timeout | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @throws {IdentityError} where the file cannot be used */
  constructor(options: KnownMembersOptions) {
    this.#options = options;
    this.#known = options.path === null ? new Map() : readKnown(options.path);
  }

  /** Who has spoken under another key than the known one since it was last trusted, and under which last. */
  get refused(): ReadonlyMap<PeerId, string> {
    return this.#refused;
  }

  keyOf(id: PeerId): string | undefined {
    return this.#known.get(id)?.key;
  }

  meet(id: PeerId, key: string): void {
    if (this.#known.has(id) || this.#known.size >= MAX_KNOWN) return;
    this.#known.set(id, { key, refused: [] });
    this.#writeSoon(id);
  }

  refuse(id: PeerId, key: string): void {
    this.#look(performance.now());
    const known = this.#known.get(id);
    if (known === undefined || known.key === key) return;
    this.#refused.set(id, key);
    const after = withRefused(known, key);
    if (after.refused.length === known.refused.length) return;
    this.#known.set(id, after);
    this.#writeSoon(id);
  }

  /** Writes what is not written yet. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#write();
  }

  /** What the user has said meanwhile counts. */
  #look(nowMs: number): void {
    const { path } = this.#options;
    if (path === null || nowMs - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = nowMs;
    this.#attempt(() => {
      for (const [id, told] of readKnown(path)) {
        if (this.#known.get(id)?.key === told.key) continue;
        this.#refused.delete(id);
        this.#known.set(id, told);
      }
    });
  }

  #writeSoon(id: PeerId): void {
    if (this.#options.path === null) return;
    this.#told.add(id);
    this.#writeIn(GATHERING_MS);
  }

  #writeIn(ms: number, looks = LOOKS_AGAIN): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#write() && looks > 0) this.#writeIn(LOOK_AGAIN_MS * Math.random(), looks - 1);
    }, ms).unref();
  }

  /**
   * Other processes of the user's write it too: what they have added stays, and so does what the user has trusted.
   *
   * @returns whether anything was missing there
   */
  #write(): boolean {
    const { path } = this.#options;
    if (path === null || this.#told.size === 0) return false;
    let isMissing = false;
    this.#attempt(() => {
      const all = readKnown(path);
      for (const id of this.#told) {
        const [own, told] = [this.#known.get(id), all.get(id)];
        // Another key there: the user has trusted it since, and what we refused was that one.
        if (own === undefined || (told !== undefined && told.key !== own.key)) continue;
        const after = told === undefined ? own : own.refused.reduce(withRefused, told);
        if (told?.refused.join() === after.refused.join() || (told === undefined && all.size >= MAX_KNOWN)) continue;
        all.set(id, after);
        isMissing = true;
      }
      if (isMissing) writeKnown(path, all);
    });
    return isMissing;
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onFailed(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
