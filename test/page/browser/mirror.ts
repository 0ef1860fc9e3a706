/** Shows a page what it sends: the least that stands in for a room. */
import { readKeyFrameRequests, writePictureLoss } from '../../../infra/rtcp/feedback.ts';
import { readMarker, readSequence, readSsrc } from '../../../infra/rtp/header.ts';
import { writePayloadType, writeSequence, writeSsrc } from '../../../infra/rtp/write.ts';
import type { LinkedPage, Received } from './linked-page.ts';

const OUR_SSRC = 1;
const MOST_REQUESTS = 8;

export interface MirrorOptions {
  readonly mid: string;
  readonly rid: string | null;
  /** The m-line on which the page gets it back. */
  readonly slot: string;
}

export class Mirror {
  /** Requests for a key frame that the page has made of its slot. */
  keyFrameRequests = 0;
  readonly #linked: LinkedPage;
  readonly #options: MirrorOptions;
  #source = 0;
  #shift = 0;
  #last = 1000;

  constructor(linked: LinkedPage, options: MirrorOptions) {
    this.#linked = linked;
    this.#options = options;
  }

  /** From now on, instead of any other. */
  begin(): void {
    this.#linked.onRtp = (received) => this.#take(received);
    this.#linked.onRtcp = (packet) => this.#takeReport(packet);
  }

  #take({ packet, mid, rid }: Received): void {
    if (mid !== this.#options.mid || rid !== this.#options.rid) return;
    const slot = this.#linked.link.media.find((media) => media.mid === this.#options.slot);
    const format = slot?.formats.find(({ codec }) => codec === 'VP8/90000');
    if (slot?.direction !== 'receive' || format === undefined) return;
    if (readSsrc(packet) !== this.#source) {
      this.#source = readSsrc(packet);
      this.#shift = this.#last + 1 - readSequence(packet);
    }
    this.#last = (readSequence(packet) + this.#shift) & 0xffff;
    writeSequence(packet, this.#last);
    writePayloadType(packet, format.payloadType, readMarker(packet));
    writeSsrc(packet, slot.ssrc);
    this.#linked.link.sendRtp(packet);
  }

  #takeReport(packet: Buffer): void {
    const requests = readKeyFrameRequests(packet, MOST_REQUESTS);
    const { link } = this.#linked;
    const slots = link.media.flatMap((media) => (media.direction === 'receive' ? [media.ssrc] : []));
    if (!requests.some(({ ssrc }) => slots.includes(ssrc))) return;
    this.keyFrameRequests++;
    link.sendRtcp(writePictureLoss(OUR_SSRC, this.#source));
  }
}
