/** The SIP phones of a scenario's peers: each dials its gateway, and is asked what it shows. */
import { join } from 'node:path';
import { ensureProgram } from '../../../infra/setup/program.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { ColouredPictures, type Sight } from '../../phone/programs/coloured-picture.ts';
import type { VideoPhone } from '../../phone/programs/contract.ts';
import { type PhoneProgram, startPhone } from '../../phone/programs/video-phone.ts';
import type { PhoneView } from '../judging/phones.ts';
import { hasPhone, type PeerSpec } from '../scenario.ts';

/** How long the phone may take to show the one that it has dialled, in ms: a key frame each second, on a busy machine. */
const SHOWN_MS = 5000;
/** How long a picture may take, in ms. */
const PICTURE_MS = 2000;

export class Phones implements AsyncDisposable {
  readonly #peers: readonly PeerSpec[];
  readonly #folder: string;
  readonly #pictures: ColouredPictures;
  readonly #phones = new Map<PeerId, VideoPhone>();

  private constructor(peers: readonly PeerSpec[], folder: string, pictures: ColouredPictures) {
    this.#peers = peers;
    this.#folder = folder;
    this.#pictures = pictures;
  }

  /** @throws {ProgramMissingError} where ffmpeg or a phone are neither installed nor installable */
  static async start(peers: readonly PeerSpec[], folder: string): Promise<Phones> {
    for (const peer of peers.filter(hasPhone)) await ensureProgram(programOf(peer));
    const colours = peers.flatMap(({ id, colour }) => (colour === undefined ? [] : [[id, colour] as const]));
    const pictures = await ColouredPictures.of(await ensureProgram('ffmpeg'), new Map(colours));
    return new Phones(peers, folder, pictures);
  }

  /** The phone of this peer rings at its gateway. @param uri what it dials */
  async dial(id: PeerId, uri: string): Promise<void> {
    const program = programOf(this.#peers.find((peer) => peer.id === id));
    const phone = await startPhone(program, { folder: join(this.#folder, `${id}-phone`), video: 'VP8' });
    this.#phones.set(id, phone);
    phone.dial(uri);
  }

  /** What the phone of a peer shows, at the latest once it has had the time for it; null: there is none, or nobody to see. */
  async look(present: ReadonlySet<PeerId>): Promise<PhoneView | null> {
    const peer = this.#peers.find(({ id, phoneSees }) => present.has(id) && present.has(phoneSees ?? ''));
    const phone = this.#phones.get(peer?.id ?? '');
    if (peer === undefined || phone === undefined) return null;
    const deadline = performance.now() + SHOWN_MS;
    for (;;) {
      const first = await this.#see(phone);
      const second = await this.#see(phone);
      const moves = first !== undefined && second !== undefined && first.moment !== second.moment;
      const shows = second?.shows ?? null;
      if ((shows === peer.phoneSees && moves) || performance.now() > deadline) return { shows, moves };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#phones.values()].map((phone) => phone[Symbol.asyncDispose]()));
  }

  async #see(phone: VideoPhone): Promise<Sight | undefined> {
    const file = await phone.snapshot(PICTURE_MS);
    return file === undefined ? undefined : this.#pictures.look(file);
  }
}

function programOf(peer: PeerSpec | undefined): PhoneProgram {
  return peer?.phone ?? 'baresip';
}
